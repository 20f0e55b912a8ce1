# offered.zsh COMPLETIONS OUT LINE DEV: what zsh offers when a person types LINE and presses Tab, a line each in OUT.
zmodload zsh/zpty
zpty z zsh -f -i
# The prompt says that zle has the terminal: what is typed before goes through the terminal's own line editor.
zpty -w z "PS1=\$'\\x52DY>'; RPS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; _freemkv_dev=$4"
# Each match goes through compadd; -O, -A and -D only ask it.
zpty -w z "compadd() {
    if [[ \${(j: :)@} == *' -'[OAD]' '* || \$1 == -[OAD] ]]; then builtin compadd \"\$@\"; return \$?; fi
    local -a hits
    builtin compadd -A hits \"\$@\"
    print -rl -- \$hits >>$2
    builtin compadd \"\$@\"
}"
zpty -w z "bindkey '^I' complete-word; echo REA''DY"
zpty -r z out '*READY*'
zpty -r z out '*RDY>*'
zpty -w -n z "$3"$'\t'
zpty -w -n z $'\C-u'"echo DO''NE"$'\n'
zpty -r z out '*DONE*'
zpty -d z
