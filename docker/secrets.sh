#!/bin/sh
# Makes the secrets that docker-compose.yml reads, each only where it is missing:
#   sh docker/secrets.sh secrets live     for the real Twilio, once, by a person
#   sh docker/secrets.sh FOLDER trial     into the trial's volume, by the service trial-secrets
# The files are readable by all, because each server in its container has a user of its own; on
# this machine it is the folder (0700) that keeps others out.
set -eu
folder=$1 mode=$2
case $mode in
live) prefix=live- ;;
trial) prefix= ;;
*)
	echo "The second word must be live or trial, not “$mode”; nothing was written." >&2
	exit 1
	;;
esac

hex() {
	od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'
}

# Whole or not at all: `keep NAME` takes the value from its standard input.
keep() {
	[ -s "$folder/$1" ] || {
		cat >"$folder/$1.new"
		[ -s "$folder/$1.new" ] || exit 1
		chmod 0444 "$folder/$1.new"
		mv "$folder/$1.new" "$folder/$1"
	}
}

if [ "$mode" = live ]; then
	mkdir -p "$folder"
	chmod 0700 "$folder"
fi
hex 32 | keep secret_key
hex 32 | keep postgres_password
hex 32 | keep redis_password
postgres=$(cat "$folder/postgres_password") redis=$(cat "$folder/redis_password")
printf 'postgresql://ringback:%s@%spostgres/ringback' "$postgres" "$prefix" | keep database_url
printf 'redis://:%s@%sredis:6379/0' "$redis" "$prefix" | keep redis_url
printf 'requirepass %s\n' "$redis" | keep redis.conf
if [ "$mode" = trial ]; then
	printf 'AC%s' "$(hex 16)" | keep twilio_account_sid
	hex 16 | keep twilio_auth_token
else
	# Empty: no mail, and no token is being rotated. Compose wants every file that it names.
	for name in smtp_url twilio_auth_token_secondary; do
		[ -e "$folder/$name" ] || : >"$folder/$name"
		chmod 0444 "$folder/$name"
	done
fi
if [ "$mode" = live ] && [ ! -s "$folder/twilio_auth_token" ]; then
	echo "Made. Now put your Twilio auth token into $folder/twilio_auth_token (then chmod 0444)."
fi
