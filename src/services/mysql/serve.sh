# Makes a MariaDB or MySQL server in the folder that this runs in, and runs it. Nobody needs its files afterwards, so it is
# ended without an orderly shutdown.
#
# $1: its program; $2: the file with its settings
ulimit -v 4194304 2>/dev/null
set_up() {
  if "$1" --no-defaults --version | grep -qi mariadb; then
    place=${1%/*}
    for program in "$place" "$place/../bin" "$place/../scripts" /usr/bin; do
      for program in "$program/mariadb-install-db" "$program/mysql_install_db"; do
        if [ -x "$program" ]; then
          "$program" --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal --skip-test-db \
            --skip-name-resolve --tmpdir="$folder/tmp" --innodb-flush-method=nosync --innodb-log-file-size=32M
          return
        fi
      done
    done
    echo "there is no mariadb-install-db beside $1"
    return 1
  fi
  "$1" --defaults-file="$2" --initialize-insecure
}
# While it is set up the signal may go unheard: the supervisor's mark does not.
server=
trap '[ -z "$server" ] || kill -KILL "$server"' QUIT
if mkdir -p data tmp files && { [ -d data/mysql ] || set_up "$1" "$2"; } && ! [ -e stopped ]; then
  "$1" --defaults-file="$2" &
  server=$!
  [ -e stopped ] && kill -KILL "$server"
  wait "$server"
fi
