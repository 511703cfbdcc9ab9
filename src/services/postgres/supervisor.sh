# Runs a private PostgreSQL server for as long as standard input is open, and leaves nothing behind.
#
# Whoever started this holds the other end of the pipe. When that process ends, however it ends, the pipe closes: the
# server is stopped at once and its folder is removed. The word `keep` before that leaves both.
#
# $1: the folder, with the server's configuration in it; $2: where its programs are; $3: the server's owner
umask 077
ulimit -c 0
ulimit -v 4194304 2>/dev/null
cd "$1" || exit 1
(
  trap : QUIT
  if ! [ -d data ]; then
    # Small segments of the write-ahead log, which nobody will replay.
    "$2/initdb" --pgdata=data --username="$3" --auth=trust --encoding=UTF8 --locale=C --wal-segsize=1 \
      --no-sync --no-instructions
  fi && : >data/postgresql.auto.conf && "$2/postgres" -D data --config-file="$1/postgresql.conf"
  : >ended
) </dev/null >server.log 2>&1 &
while read -r word; do
  [ "$word" = keep ] && exit 0
done
# Everything here is one process group.
trap : QUIT
kill -QUIT 0
wait
cd / && rm -rf "$1"
