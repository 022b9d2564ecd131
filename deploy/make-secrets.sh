#!/bin/sh
# Makes the secrets docker-compose.yml mounts, one file each, in deploy/secrets (or the folder given). What exists
# stays, so it may run again after a new version added a secret. Needs openssl.
#
# The folder is for its owner only; the files in it are readable by all, because inside a container they are
# read by users with other numbers.
set -eu
umask 022
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"

keep() { # keep NAME: standard input becomes the secret NAME, unless it is there; an empty one is refused
    if [ -e "$folder/$1" ]; then
        cat > /dev/null
        return
    fi
    cat > "$folder/$1.part"
    [ -s "$folder/$1.part" ] || { echo "nothing to keep as $1" >&2; exit 1; }
    chmod 444 "$folder/$1.part"
    mv "$folder/$1.part" "$folder/$1"
    echo "made $folder/$1"
}

password() { openssl rand -hex 24 | tr -d '\n'; }

password | keep postgres_superuser_password
for name in collector provincial_review national_filing notifier keycloak; do
    password | keep "database_password_$name"
done
for name in collector provincial_review national_filing notifier; do
    printf 'postgresql://%s:%s@postgres:5432/%s' \
        "$name" "$(cat "$folder/database_password_$name")" "$name" | keep "database_url_$name"
done
openssl rand -hex 10 | tr -d '\n' | keep s3_access_key
password | keep s3_secret_key
password | keep keycloak_admin_password
password | keep grafana_admin_password
# Signs the receipts (Ed25519). Keep a copy where it cannot be lost.
openssl genpkey -algorithm ed25519 | keep receipt_key
