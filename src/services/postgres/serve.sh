# Makes a PostgreSQL server in the folder that this runs in, and runs it. SIGQUIT is its immediate shutdown.
#
# $1: where its programs are; $2: the server's owner
ulimit -v 4194304 2>/dev/null
if ! [ -d data ]; then
  # Small segments of the write-ahead log, which nobody will replay.
  "$1/initdb" --pgdata=data --username="$2" --auth=trust --encoding=UTF8 --locale=C --wal-segsize=1 \
    --no-sync --no-instructions
fi && : >data/postgresql.auto.conf && "$1/postgres" -D data --config-file="$folder/postgresql.conf"
