# Drives and titles, which the definition of the arguments does not know.

# The names behind the command, without options and their values.
function __freemkv_places
    set -l valued @VALUED@
    set -l is_value no
    set -l names
    for word in (commandline -opc)[2..]
        if test $is_value = yes
            set is_value no
        else if string match -q -- '-*' $word
            contains -- $word $valued; and set is_value yes
        else
            set -a names $word
        end
    end
    printf '%s\n' $names
end

# Whether a source, or one more, is to be named.
function __freemkv_needs_source
    set -l names (__freemkv_places)
    switch "$names[1]"
        case sweep patch info mux verify drives
            test (count $names) -eq 1
        case rip
            true
        case '*'
            false
    end
end

# The drives that are there, and what they are called.
function __freemkv_drives
    set -l dev /dev
    set -q _freemkv_dev; and set dev $_freemkv_dev
    for drive in $dev/sr*
        set -l model drive
        set -l file /sys/block/(basename $drive)/device/model
        test -r $file; and set model (string trim < $file)
        printf '%s\t%s\n' $drive $model
    end
end

# The titles of an image or a folder with their lengths. A disc in a drive is not read because somebody presses a key.
function __freemkv_titles
    printf '%s\t%s\n' main 'the film' all 'every title'
    set -l source (__freemkv_places)[2]
    if test -f "$source" -o -d "$source"
        freemkv info "$source" 2>/dev/null </dev/null |
            string replace -f -r '^[* ] +([0-9]+)  +[0-9]+  +([0-9]+:[0-9]{2}:[0-9]{2}) .*' '$1\t$2'
    end
end

complete -c freemkv -n __freemkv_needs_source -a '(__freemkv_drives)'
complete -c freemkv -n '__fish_freemkv_using_subcommand drives' -f
complete -c freemkv -n '__fish_freemkv_using_subcommand info mux rip' -l title -x -a '(__freemkv_titles)'
complete -c freemkv -n '__fish_freemkv_using_subcommand sweep patch' -l only -x -a 'title:main file:/'
complete -c freemkv -n '__fish_freemkv_using_subcommand sweep patch' -l skip -x -a 'title:main file:/'
