#!/bin/sh
# install.sh install|uninstall BINARY DESTDIR PREFIX
set -eu
action=$1 binary=$2 root=$3$4 prefix=$4
bash=$root/share/bash-completion/completions/holdfast
zsh=$root/share/zsh/site-functions/_holdfast
fish=$root/share/fish/vendor_completions.d/holdfast.fish
manual=$root/share/man/man1/holdfast.1
# Where systemd looks for the units of /usr, of /usr/local and of ~/.local.
unit=$root/share/systemd/user/holdfast.service
case $action in
install)
  install -Dm755 "$binary" "$root/bin/holdfast"
  for pair in "bash $bash" "zsh $zsh" "fish $fish"; do
    file=${pair#* }
    mkdir -p "$(dirname "$file")"
    "$binary" completions "${pair%% *}" >"$file"
  done
  mkdir -p "$(dirname "$manual")" "$(dirname "$unit")"
  "$binary" help --man >"$manual"
  sed "s|@PREFIX@|$prefix|" "$(dirname "$0")/../packaging/holdfast.service" >"$unit"
  # Clients of kasmos call it by that name; an existing program keeps its own.
  if [ ! -e "$root/bin/kas" ] && { [ -n "$3" ] || ! command -v kas >/dev/null 2>&1; }; then
    ln -s holdfast "$root/bin/kas"
    # bash and fish look for completions by the name that is typed.
    ln -sf holdfast "$(dirname "$bash")/kas"
    ln -sf holdfast.fish "$(dirname "$fish")/kas.fish"
  fi
  echo "Installed in $root. To run it as a service: systemctl --user enable --now holdfast"
  ;;
uninstall)
  rm -f "$root/bin/holdfast" "$bash" "$zsh" "$fish" "$manual" "$unit"
  for link in "$root/bin/kas" "$(dirname "$bash")/kas" "$(dirname "$fish")/kas.fish"; do
    case $(readlink "$link" 2>/dev/null) in holdfast | holdfast.fish) rm -f "$link" ;; esac
  done
  ;;
esac
