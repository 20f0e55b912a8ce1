# Drives and titles, which the definition of the arguments does not know.

# The drives that are there, and what they are called.
_freemkv_drives() {
    local -a drives
    local drive model
    for drive in ${_freemkv_dev:-/dev}/sr<->(N); do
        model=/sys/block/${drive:t}/device/model
        [[ -r $model ]] && model=$(<$model) || model=drive
        drives+=("$drive:$model")
    done
    _describe -t drives drive drives
}

_freemkv_sources() {
    _alternative 'drives:drive:_freemkv_drives' 'files:file:_files'
}

# The titles of an image or a folder with their lengths. A disc in a drive is not read because somebody presses a key.
_freemkv_titles() {
    local -a titles
    local source=${~${(Q)line[1]}}
    titles=('main:the film' 'all:every title')
    if [[ -f $source || -d $source ]]; then
        titles+=(${(f)"$(freemkv info $source 2>/dev/null </dev/null |
            sed -n -E 's/^[* ] +([0-9]+)  +[0-9]+  +([0-9]+:[0-9]{2}:[0-9]{2}) .*/\1:\2/p')"})
    fi
    _describe -t titles -V title titles
}

_freemkv_specs() {
    compadd -S '' -- title:main title: file:/
}
