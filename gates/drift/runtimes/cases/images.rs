//! Dockerfiles and the names of images.

use super::named;
use crate::drift::runtimes::read::image_told;

#[test]
fn the_last_stage_ships_and_what_it_copies_from_builds() {
    let dockerfile = "# syntax=docker/dockerfile:1\nARG NODE=20.11\nFROM --platform=$BUILDPLATFORM node:${NODE}-alpine AS base\nFROM base AS deps\nRUN npm ci\nFROM rust:1.75 AS tools\nFROM python:3.9 AS wheels\nFROM python:3.12-slim\nCOPY --from=wheels /w /w\nCOPY --from=deps /a /a\n";
    assert_eq!(
        named("Dockerfile", dockerfile),
        [
            "3:32 ships Node.js 20.11 node:20.11-alpine",
            "6:6 aside Rust 1.75 rust:1.75",
            "7:6 builds Python 3.9 python:3.9",
            "8:6 ships Python 3.12 python:3.12-slim",
        ]
    );
    assert_eq!(
        named("Dockerfile", "FROM golang:1.22 AS build\nFROM scratch\nCOPY --from=0 /a /a\n"),
        ["1:6 ships Go 1.22 golang:1.22"]
    );
    assert_eq!(
        named("Dockerfile", "FROM ruby:3.3\nCOPY --from=node:20-slim /usr/local/bin/node /usr/local/bin/\n"),
        ["1:6 ships Ruby 3.3 ruby:3.3", "2:6 ships Node.js 20 node:20-slim"]
    );
}

#[test]
fn here_documents_comments_and_continued_lines_are_no_stages() {
    let dockerfile = "FROM \\\n  # why\n  python:3.12 \\\n  AS x\nRUN <<EOF\nFROM python:2.7\nEOF\n# FROM python:3.1\nRUN echo \\\nFROM python:3.2\n";
    assert_eq!(named("Dockerfile", dockerfile), ["3:3 ships Python 3.12 python:3.12"]);
}

#[test]
fn arguments_without_a_default_are_not_known() {
    assert_eq!(named("Dockerfile", "ARG V\nFROM node:$V\n"), [] as [&str; 0]);
    assert_eq!(named("Dockerfile", "ARG V\nFROM node:${V:-22}-slim\n"), ["2:6 ships Node.js 22 node:22-slim"]);
    assert_eq!(named("Dockerfile", "ARG REGISTRY=\"docker.io/library/\"\nFROM ${REGISTRY}php:8.3-fpm\n").len(), 1);
}

#[test]
fn dockerfiles_for_development_are_aside() {
    for path in ["Dockerfile.dev", "web.test.Dockerfile", "Dockerfile.ci"] {
        assert_eq!(named(path, "FROM node:18\n"), ["1:6 aside Node.js 18 node:18"], "{path}");
    }
    assert_eq!(named("Dockerfile", "FROM node:18 AS development\n"), ["1:6 aside Node.js 18 node:18"]);
}

#[test]
fn images_tell_their_runtime() {
    for (image, told) in [
        ("node", "Node.js ?"),
        ("node:lts-alpine", "Node.js ?"),
        ("node:iron-bookworm", "Node.js 20"),
        ("docker.io/library/node:20.11.1-bookworm-slim", "Node.js 20.11.1"),
        ("node:20@sha256:00", "Node.js 20"),
        ("node@sha256:00", "Node.js ?"),
        ("registry.local:5000/node:18", "Node.js 18"),
        ("python:3.13-rc-slim", "Python 3.13"),
        ("python:3.13.0rc1", "Python 3.13.0"),
        ("golang:1.22.1-alpine3.19", "Go 1.22.1"),
        ("eclipse-temurin:17.0.10_7-jre", "Java 17.0.10"),
        ("openjdk:8u342-jre-slim", "Java 8"),
        ("maven:3.9-eclipse-temurin-21", "Java 21"),
        ("gradle:8.5-jdk17", "Java 17"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-alpine", ".NET 8.0"),
        ("mcr.microsoft.com/dotnet/sdk:9.0", ".NET SDK 9.0"),
        ("gcr.io/distroless/nodejs20-debian12:nonroot", "Node.js 20"),
        ("gcr.io/distroless/java17-debian12", "Java 17"),
        ("public.ecr.aws/lambda/python:3.12", "Python 3.12"),
        ("registry.access.redhat.com/ubi9/python-311:1", "Python 3.11"),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm", "Python 3.12"),
        ("cimg/ruby:3.3.0-node", "Ruby 3.3.0"),
        ("mycompany/node:4", ""),
        ("ghcr.io/owner/python:1", ""),
        ("scratch", ""),
        ("", ""),
    ] {
        assert_eq!(image_told(image), told, "{image}");
    }
}
