# Runs a private server for as long as standard input is open, and leaves nothing behind.
#
# Whoever started this holds the other end of the pipe. When that process ends, however it ends, the pipe closes: the
# server is stopped at once and its folder is removed. The word `keep` before that leaves both.
#
# $1: the folder, with the server's configuration in it; $2: the script that makes the server, runs it there, and ends it
# at once on SIGQUIT; what follows is for that script
folder=$1 serve=$2
shift 2
umask 077
ulimit -c 0
cd "$folder" || exit 1
(
  trap : QUIT
  eval "$serve"
  : >ended
) </dev/null >server.log 2>&1 &
while read -r word; do
  [ "$word" = keep ] && exit 0
done
# Everything here is one process group.
trap : QUIT
: >stopped
kill -QUIT 0
wait
cd / && rm -rf "$folder"
