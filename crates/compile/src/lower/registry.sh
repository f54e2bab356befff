# Tells Harbor the policies of a directory: API DIRECTORY PASSWORD-FILE. Every call says
# all that it was told, so that saying it again changes nothing.
api=$1/api/v2.0
directory=$2
password=$3
failed=0

# METHOD URL BODY: prints what Harbor answers, and its status as the last line. The password is no argument of a program.
ask() {
  printf 'user = "admin:%s"\n' "$(cat "$password")" |
    curl --config - --silent --show-error --max-time 60 --write-out '\n%{http_code}\n' \
      --header 'Content-Type: application/json' --header 'X-Is-Resource-Name: true' \
      --request "$1" --data-binary "$3" "$2"
}

# WHAT ANSWER: what went wrong is said, and the others are told all the same.
judge() {
  status=$(printf '%s\n' "$2" | tail -n 1)
  echo "$status $1"
  case $status in
    2??) ;;
    *)
      printf '%s\n' "$2" >&2
      failed=1
      ;;
  esac
}

for part in configurations system/gc/schedule; do
  file=$directory/$(echo "$part" | tr / .).json
  [ -e "$file" ] || continue
  judge "$part" "$(ask PUT "$api/$part" "$(cat "$file")")"
done

for file in "$directory"/project.*.json; do
  [ -e "$file" ] || continue
  name=$(basename "$file" .json | cut -d . -f 2-)
  body=$(cat "$file")
  answer=$(ask POST "$api/projects" "$body")
  case $(printf '%s\n' "$answer" | tail -n 1) in
    409) answer=$(ask PUT "$api/projects/$name" "$body") ;;
  esac
  judge "project $name" "$answer"

  kept=$directory/retention.$name.json
  [ -e "$kept" ] || continue
  project=$(ask GET "$api/projects/$name" "")
  id=$(printf '%s\n' "$project" | sed -n 's/.*"project_id": *\([0-9][0-9]*\).*/\1/p' | tail -n 1)
  known=$(printf '%s\n' "$project" | sed -n 's/.*"retention_id": *"\([0-9][0-9]*\)".*/\1/p' | tail -n 1)
  rules=$(sed "s/\"ref\": 0/\"ref\": $id/" "$kept")
  if [ -n "$known" ]; then
    answer=$(ask PUT "$api/retentions/$known" "$rules")
  else
    answer=$(ask POST "$api/retentions" "$rules")
  fi
  judge "retention $name" "$answer"
done

exit "$failed"
