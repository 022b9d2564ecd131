#!/bin/sh
# Runs once, when the server's data folder is new: one database and one role for each service (and one for the
# identity provider). Nobody can connect to another's database. Passwords come from files and stay out of the
# process list.
set -eu
secrets=${SECRETS_FOLDER:-/run/secrets}

for name in collector provincial_review national_filing notifier keycloak; do
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<SQL
\\set password \`cat "$secrets/database_password_$name"\`
create role $name login password :'password';
create database $name owner $name;
revoke all on database $name from public;
SQL
done
