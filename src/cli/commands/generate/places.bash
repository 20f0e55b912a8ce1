# Drives and titles, which the definition of the arguments does not know. Without an answer, bash offers files.

# The drives that are there.
_freemkv_drives() {
    local drive
    for drive in "${_freemkv_dev:-/dev}"/sr[0-9]*; do
        [[ -e $drive ]] && echo "$drive"
    done
}

# The numbers of the titles of an image or a folder. A disc in a drive is not read because somebody presses a key.
_freemkv_titles() {
    if [[ -f $2 || -d $2 ]]; then
        "$1" info "$2" 2>/dev/null </dev/null | sed -n -E 's/^[* ] +([0-9]+)  +[0-9]+  +[0-9]+:[0-9]{2}:[0-9]{2} .*/\1/p'
    fi
}

_freemkv_places() {
    local valued=" @VALUED@ "
    local cur=${COMP_WORDS[COMP_CWORD]} option='' command='' names=() joins='' word i
    _freemkv "$@"
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == '=' ]]; then
            continue
        elif [[ $option ]]; then
            option=''
        elif [[ $word == -* ]]; then
            [[ $valued == *" $word "* ]] && option=$word
        elif [[ ! $command ]]; then
            command=$word
        elif [[ ( $word == ':' || $joins ) && ${#names[@]} -gt 0 ]]; then
            # bash takes emu:disc.iso for three words.
            names[${#names[@]} - 1]+=$word
            joins=$([[ $word == ':' ]] && echo yes)
        else
            names+=("$word")
        fi
    done
    [[ $cur == '=' ]] && cur=''
    case $option in
    --title)
        COMPREPLY=($(compgen -W "main all $(_freemkv_titles "$1" "${names[0]/#\~/$HOME}")" -- "$cur"))
        return
        ;;
    --only | --skip)
        COMPREPLY=($(compgen -W "title:main file:/" -- "$cur"))
        compopt -o nospace 2>/dev/null
        return
        ;;
    ?*) return ;;
    esac
    if [[ $cur != -* ]]; then
        # Of commands and options the commands.
        for i in "${!COMPREPLY[@]}"; do
            [[ ${COMPREPLY[i]} == -* ]] && unset "COMPREPLY[i]"
        done
        COMPREPLY=("${COMPREPLY[@]}")
    fi
    case $command,${#names[@]},$cur in
    *,-*) ;;
    sweep,0,* | patch,0,* | info,0,* | mux,0,* | verify,0,* | rip,*)
        COMPREPLY=($(compgen -W "$(_freemkv_drives)" -- "$cur"))
        if ((${#COMPREPLY[@]})); then
            local IFS=$'\n'
            COMPREPLY+=($(compgen -f -- "$cur"))
            compopt -o filenames 2>/dev/null
        fi
        ;;
    drives,0,*) COMPREPLY=($(compgen -W "$(_freemkv_drives)" -- "$cur")) ;;
    esac
}
