# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_freemkv_global_optspecs
    string join \n v/verbose q/quiet log-file= progress= json h/help V/version
end

function __fish_freemkv_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_freemkv_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_freemkv_using_subcommand
    set -l cmd (__fish_freemkv_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c freemkv -n "__fish_freemkv_needs_command" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_needs_command" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_needs_command" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_needs_command" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_needs_command" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_needs_command" -s V -l version -d 'Print version'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "sweep" -d 'Image a disc in one fast pass that survives damage; run it again to resume'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "patch" -d 'Retry what is missing in an image'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "info" -d 'Show what a disc holds: titles, tracks, chapters, files, and what a map says is damaged of them'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "mux" -d 'Turn titles of a Blu-ray or DVD into Matroska files, without re-encoding'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "verify" -d 'Compare an image with its disc, all of it or a sample'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "convert" -d 'Make an image of another format from one: raw, qcow2, or flat vmdk'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "rip" -d 'Rip discs: image, films and reports into a folder each; the same disc again is skipped, a run cut off goes on'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "map" -d 'Look at maps, draw, convert, compare and merge them'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "drives" -d 'List the optical drives; open or close a tray, set a speed'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "man" -d 'Write the man pages into a folder'
complete -c freemkv -n "__fish_freemkv_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l only -d 'Read only this: sectors (A-B,C-D), file:/PATH (a folder: all below it), title:main or title:N; may be given again' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l skip -d 'Leave this out: sectors, file:/PATH, title:main or title:N; may be given again' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l map -d 'The map file [default: IMAGE with .map added]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l media -d 'The kind of disc, where the source cannot tell (image files)' -r -f -a "auto\t'As the source says; by size when it says nothing'
cd\t'CD'
dvd\t'DVD'
bd\t'Blu-ray'
uhd\t'Ultra HD Blu-ray'"
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l unit -d 'Sectors that the drive corrects, and loses, together [default: by the kind of disc]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l format -d 'What image files are, the source and the image [default: what the name of each says]' -r -f -a "raw\t'The bytes of the disc, nothing else'
qcow2\t'A qcow2 image'"
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l write -d 'How the image is written: dontcache, window and direct bound what the output keeps in memory, plain leaves it to the kernel' -r -f -a "auto\t'dontcache for files where it works, else window; plain for everything else'
dontcache\t'The kernel writes out at once and keeps no copy; Linux 6.14'
window\t'Write-out is started and waited for window by window'
direct\t'Past the kernel\'s cache'
plain\t'The kernel writes out when it likes'"
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l prealloc -d 'What is done for the image\'s room before the first read' -r -f -a "none\t'Nothing: it grows, and unread areas take no room'
zero\t'Its length is set; unread areas take no room'
allocate\t'Its room is reserved, so that the disk cannot become full'
write\t'Zeros are written'"
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l speed -d 'Reading speed: max, kB/s, or times the base speed of the disc (4x) [default: as the drive has it]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l timeout -d 'Time limit of one read; the kernel allows no less than 7s, and aborting a read is worse than waiting [default: 30s, patch: 60s]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l drive-retries -d 'How often the drive itself tries before it gives up, 0 to 255; keep: as it was found [default: lowered for a sweep when timing shows that the drive obeys]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l give-up-after -d 'End when the drive has worked for this long without a new sector' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l max-errors -d 'End when more than N reads have failed' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l budget -d 'End when the drive has worked for this long' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l restart -d 'Move image, map and state aside as .old and start over'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l hash -d 'Make the SHA-256 of a complete image, for the report and for IMAGE.sha256 (as sha256sum writes it)'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l force -d 'Go on in spite of an image without a map (it is emptied), too little free space, or a disc that cannot be compared'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l eject -d 'Open the tray when all is done'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l no-drive-log -d 'Keep no log of what was wrong with reads; else it is IMAGE.log.jsonl, 64 MiB at most'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand sweep" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l passes -d 'Times that each failed unit is tried again' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l order -d 'What is asked for first: what the film needs, then other files, then the rest, where the image\'s tables can be read; or all in the order of the disc' -r -f -a "film\t'The film, other files, the rest'
disc\t'As it lies on the disc'"
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l only -d 'Read only this: sectors (A-B,C-D), file:/PATH (a folder: all below it), title:main or title:N; may be given again' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l skip -d 'Leave this out: sectors, file:/PATH, title:main or title:N; may be given again' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l map -d 'The map file [default: IMAGE with .map added]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l media -d 'The kind of disc, where the source cannot tell (image files)' -r -f -a "auto\t'As the source says; by size when it says nothing'
cd\t'CD'
dvd\t'DVD'
bd\t'Blu-ray'
uhd\t'Ultra HD Blu-ray'"
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l unit -d 'Sectors that the drive corrects, and loses, together [default: by the kind of disc]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l format -d 'What image files are, the source and the image [default: what the name of each says]' -r -f -a "raw\t'The bytes of the disc, nothing else'
qcow2\t'A qcow2 image'"
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l write -d 'How the image is written: dontcache, window and direct bound what the output keeps in memory, plain leaves it to the kernel' -r -f -a "auto\t'dontcache for files where it works, else window; plain for everything else'
dontcache\t'The kernel writes out at once and keeps no copy; Linux 6.14'
window\t'Write-out is started and waited for window by window'
direct\t'Past the kernel\'s cache'
plain\t'The kernel writes out when it likes'"
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l prealloc -d 'What is done for the image\'s room before the first read' -r -f -a "none\t'Nothing: it grows, and unread areas take no room'
zero\t'Its length is set; unread areas take no room'
allocate\t'Its room is reserved, so that the disk cannot become full'
write\t'Zeros are written'"
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l speed -d 'Reading speed: max, kB/s, or times the base speed of the disc (4x) [default: as the drive has it]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l timeout -d 'Time limit of one read; the kernel allows no less than 7s, and aborting a read is worse than waiting [default: 30s, patch: 60s]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l drive-retries -d 'How often the drive itself tries before it gives up, 0 to 255; keep: as it was found [default: lowered for a sweep when timing shows that the drive obeys]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l give-up-after -d 'End when the drive has worked for this long without a new sector' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l max-errors -d 'End when more than N reads have failed' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l budget -d 'End when the drive has worked for this long' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l finish -d 'End the rescue: what is still missing is marked bad (-)'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l thorough -d 'Go on in cores of damage that have shown no sign of life'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l fresh -d 'Try what was given up once more before anything that was learned is believed: when the disc was cleaned'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l hash -d 'Make the SHA-256 of a complete image, for the report and for IMAGE.sha256 (as sha256sum writes it)'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l force -d 'Go on in spite of an image without a map (it is emptied), too little free space, or a disc that cannot be compared'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l eject -d 'Open the tray when all is done'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l no-drive-log -d 'Keep no log of what was wrong with reads; else it is IMAGE.log.jsonl, 64 MiB at most'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand patch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -l title -d 'Some titles alone, with their clips, tracks and chapters: main, all, numbers (1,3), or a playlist (NNNNN.mpls)' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -l map -d 'The map that says what is missing [default: that of an image, its name with .map added]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -l format -d 'What an image file is [default: what its name says]' -r -f -a "raw\t'The bytes of the disc, nothing else'
qcow2\t'A qcow2 image'"
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -l files -d 'List the files, with their sizes; -v: and their sectors'
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -l hash -d 'Read the files whole and give their SHA-256'
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l title -d 'Which titles: main, all, numbers as info gives them (1,3), playlists by their five digits (00800), or one stream file by itself (NNNNN.m2ts) [default: main; all into a folder]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l min-length -d 'Shortest title that all takes' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l angle -d 'Which angle, where there is a choice' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l audio -d 'Sound in these languages only: codes such as eng,fra, or all, or none' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l subs -d 'Subtitles in these languages only: codes such as eng,fra, or all, or none' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l core -d 'The core inside TrueHD: as a further track, alone, or not at all; of DTS-HD, which has it in every frame, alone or not' -r -f -a "keep\t'TrueHD and its core become tracks; DTS-HD is one'
only\t'The core alone'
drop\t'TrueHD alone; DTS-HD is as it is'"
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l forced-subs -d 'Subtitles that are shown although subtitles are off: among the others, as further tracks too where there are any, or no others' -r -f -a "keep\t'Among the others'
extra\t'As further tracks too'
only\t'No others'"
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l compress-subs -d 'Compress subtitles made of pictures; players built on ExoPlayer refuse such files' -r -f -a "none\t'As they are'
zlib\t'With zlib'"
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l map -d 'The map that says what is missing [default: that of an image, its name with .map added]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l format -d 'What an image file is [default: what its name says]' -r -f -a "raw\t'The bytes of the disc, nothing else'
qcow2\t'A qcow2 image'"
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l no-chapters -d 'Write no chapters'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l keep-textst -d 'Keep text subtitles of Blu-ray as the disc has them (S_HDMV/TEXTST), in place of plain text'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l captions -d 'Write the captions among the pictures (line 21, channel CC1) as a further track of text; they stay in the pictures'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l dry-run -d 'Print what would be written, and write nothing'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l force -d 'Write over files that are there, go on with too little room, and write a title without its picture'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand mux" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -l sample -d 'Compare a sample only: this share of the disc, per cent, spread evenly, first and last sectors included; at least 2048 sectors' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -l seed -d 'The same number picks the same sample again' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -l map -d 'The image\'s map [default: IMAGE with .map added, where that is there]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -l format -d 'Source and image are of this format whatever their names end in' -r -f -a "raw\t'The bytes of the disc, nothing else'
qcow2\t'A qcow2 image'"
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand convert" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand convert" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand convert" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand convert" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand convert" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l wait -d 'Wait for a disc where a drive has none: until one comes, or at most so long' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l passes -d 'Times that each failed unit is tried again; 0: no patch' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l name -d 'How a disc\'s folder and image are called: text with {label}, {name} (what the disc calls itself), {media}, {id} (of the fingerprint)' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l keep -d 'What stays: the image, the films, or both; with film the image goes when nothing is missing and the films were read back' -r -f -a "image\t'The image; no film is made'
film\t'The films'
both\t'Both'"
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l on-free -d 'Run this by sh as soon as the drive is free; FREEMKV_SOURCE, FREEMKV_LABEL, FREEMKV_IMAGE and so on tell of the disc' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l on-done -d 'Run this by sh behind everything, whatever came of it; FREEMKV_EXIT_CODE and FREEMKV_MESSAGE say what' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l title -d 'Which titles: main, all, numbers as info gives them (1,3), playlists by their five digits (00800), or one stream file by itself (NNNNN.m2ts) [default: main; all into a folder]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l min-length -d 'Shortest title that all takes' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l angle -d 'Which angle, where there is a choice' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l audio -d 'Sound in these languages only: codes such as eng,fra, or all, or none' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l subs -d 'Subtitles in these languages only: codes such as eng,fra, or all, or none' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l core -d 'The core inside TrueHD: as a further track, alone, or not at all; of DTS-HD, which has it in every frame, alone or not' -r -f -a "keep\t'TrueHD and its core become tracks; DTS-HD is one'
only\t'The core alone'
drop\t'TrueHD alone; DTS-HD is as it is'"
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l forced-subs -d 'Subtitles that are shown although subtitles are off: among the others, as further tracks too where there are any, or no others' -r -f -a "keep\t'Among the others'
extra\t'As further tracks too'
only\t'No others'"
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l compress-subs -d 'Compress subtitles made of pictures; players built on ExoPlayer refuse such files' -r -f -a "none\t'As they are'
zlib\t'With zlib'"
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l media -d 'The kind of disc, where the source cannot tell (image files)' -r -f -a "auto\t'As the source says; by size when it says nothing'
cd\t'CD'
dvd\t'DVD'
bd\t'Blu-ray'
uhd\t'Ultra HD Blu-ray'"
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l format -d 'What image files are that are ripped [default: what the name of each says]' -r -f -a "raw\t'The bytes of the disc, nothing else'
qcow2\t'A qcow2 image'"
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l speed -d 'Reading speed: max, kB/s, or times the base speed of the disc (4x) [default: as the drive has it]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l timeout -d 'Time limit of one read; the kernel allows no less than 7s, and aborting a read is worse than waiting [default: 30s, patch: 60s]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l drive-retries -d 'How often the drive itself tries before it gives up, 0 to 255; keep: as it was found [default: lowered for a sweep when timing shows that the drive obeys]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l give-up-after -d 'End when the drive has worked for this long without a new sector' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l max-errors -d 'End when more than N reads have failed' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l budget -d 'End when the drive has worked for this long' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l all -d 'Rip from every optical drive of the machine'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l keep-going -d 'Take one disc after the other in each drive, the tray being opened behind each, while films of earlier ones are still written; ends when stopped, or when no disc came for the time of --wait'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l again -d 'Rip discs that were ripped already: what is missing is asked for again, and films are made again'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l no-chapters -d 'Write no chapters'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l keep-textst -d 'Keep text subtitles of Blu-ray as the disc has them (S_HDMV/TEXTST), in place of plain text'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l captions -d 'Write the captions among the pictures (line 21, channel CC1) as a further track of text; they stay in the pictures'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l eject -d 'Open the tray when all is done'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l no-drive-log -d 'Keep no log of what was wrong with reads; else it is IMAGE.log.jsonl, 64 MiB at most'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand rip" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "show" -d 'Show what a map says: totals, and the ranges that are missing; and what lies there in the image'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "picture" -d 'Draw a map: in the terminal, as PNG or SVG, in a row or as the disc\'s spiral'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "convert" -d 'Write a map in another form: as ddrescue has it, as a list of block numbers, as JSON'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "and" -d 'Write the map in which is rescued what is rescued in both'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "or" -d 'Write the map in which is rescued what is rescued in either'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "xor" -d 'Write the map in which is rescued what is rescued in one and not in the other'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "invert" -d 'Write the opposite of a map'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "compare" -d 'Say where two maps differ'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "merge" -d 'Make one image, or one map, of several of the same disc'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and not __fish_seen_subcommand_from show picture convert and or xor invert compare merge help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from show" -l image -d 'The image that the map is of [default: the map\'s name without .map, when that is there]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from show" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from show" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from show" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l width -d 'Columns of the picture in the terminal, 20 to 200 [default: as wide as it is, 80 elsewhere]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l png -d 'Write it as a PNG file in place of the terminal' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l svg -d 'Write it as an SVG file in place of the terminal' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l media -d 'The kind of disc; auto: as the state beside the map says, else by its size' -r -f -a "auto\t'As the source says; by size when it says nothing'
cd\t'CD'
dvd\t'DVD'
bd\t'Blu-ray'
uhd\t'Ultra HD Blu-ray'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l layers -d 'Layers of the disc, 1 to 4 [default: as many as its size takes]' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l spiral -d 'The disc as it lies, in place of a row'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l force -d 'Write over files that are there'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from picture" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -l to -d 'What it becomes' -r -f -a "ddrescue\t'A map as GNU ddrescue writes it: contiguous from 0, neighbours joined'
blocks\t'Block numbers, one a line, as badblocks prints them'
json\t'One JSON object'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -l block-size -d 'Bytes in a block of the list' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -l status -d 'Statuses that the list has: ? not tried, * failed in a long read, / failed alone, - bad, + rescued' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -s o -l output -d 'Write it into FILE, whole or not at all [default: standard output]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -l force -d 'Write over a file that is there'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from and" -s o -l output -d 'Write it into FILE, whole or not at all [default: standard output]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from and" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from and" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from and" -l force -d 'Write over a file that is there'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from and" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from and" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from and" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from and" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from or" -s o -l output -d 'Write it into FILE, whole or not at all [default: standard output]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from or" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from or" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from or" -l force -d 'Write over a file that is there'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from or" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from or" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from or" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from or" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from xor" -s o -l output -d 'Write it into FILE, whole or not at all [default: standard output]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from xor" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from xor" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from xor" -l force -d 'Write over a file that is there'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from xor" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from xor" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from xor" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from xor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from invert" -s o -l output -d 'Write it into FILE, whole or not at all [default: standard output]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from invert" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from invert" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from invert" -l force -d 'Write over a file that is there'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from invert" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from invert" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from invert" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from invert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from compare" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from compare" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from compare" -l rescued -d 'Only whether something is rescued or not, whatever else is said of it'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from compare" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from compare" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from compare" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -s o -l output -d 'The new image; its map is FILE.map. With --maps-only the new map [default then: standard output]' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -l maps-only -d 'Merge the maps alone, whatever their images hold'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -l force -d 'Go on when no sector shows that the images are of one disc, or with too little room; write over a map with --maps-only'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what a map says: totals, and the ranges that are missing; and what lies there in the image'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "picture" -d 'Draw a map: in the terminal, as PNG or SVG, in a row or as the disc\'s spiral'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "convert" -d 'Write a map in another form: as ddrescue has it, as a list of block numbers, as JSON'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "and" -d 'Write the map in which is rescued what is rescued in both'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "or" -d 'Write the map in which is rescued what is rescued in either'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "xor" -d 'Write the map in which is rescued what is rescued in one and not in the other'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "invert" -d 'Write the opposite of a map'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "compare" -d 'Say where two maps differ'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "merge" -d 'Make one image, or one map, of several of the same disc'
complete -c freemkv -n "__fish_freemkv_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -l speed -d 'Set its speed of reading: max, or kB/s' -r
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -l eject -d 'Open its tray'
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -l close -d 'Close its tray'
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand drives" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand completions" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand completions" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand completions" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand completions" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand completions" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand man" -l log-file -d 'Add the log to FILE instead of showing it on standard error' -r -F
complete -c freemkv -n "__fish_freemkv_using_subcommand man" -l progress -d 'How progress is shown on standard error: auto is a bar on a terminal, plain lines elsewhere' -r -f -a "auto\t'A bar on a terminal, plain lines elsewhere'
bar\t'A bar'
plain\t'A line now and then'
json\t'JSON lines, and nothing else, on standard error'
none\t'Nothing'"
complete -c freemkv -n "__fish_freemkv_using_subcommand man" -s v -l verbose -d 'Say more; twice: each command that fails'
complete -c freemkv -n "__fish_freemkv_using_subcommand man" -s q -l quiet -d 'Say nothing but errors'
complete -c freemkv -n "__fish_freemkv_using_subcommand man" -l json -d 'Print the final report as one JSON object on standard output'
complete -c freemkv -n "__fish_freemkv_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "sweep" -d 'Image a disc in one fast pass that survives damage; run it again to resume'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "patch" -d 'Retry what is missing in an image'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "info" -d 'Show what a disc holds: titles, tracks, chapters, files, and what a map says is damaged of them'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "mux" -d 'Turn titles of a Blu-ray or DVD into Matroska files, without re-encoding'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "verify" -d 'Compare an image with its disc, all of it or a sample'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "convert" -d 'Make an image of another format from one: raw, qcow2, or flat vmdk'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "rip" -d 'Rip discs: image, films and reports into a folder each; the same disc again is skipped, a run cut off goes on'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "map" -d 'Look at maps, draw, convert, compare and merge them'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "drives" -d 'List the optical drives; open or close a tray, set a speed'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "man" -d 'Write the man pages into a folder'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and not __fish_seen_subcommand_from sweep patch info mux verify convert rip map drives completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "show" -d 'Show what a map says: totals, and the ranges that are missing; and what lies there in the image'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "picture" -d 'Draw a map: in the terminal, as PNG or SVG, in a row or as the disc\'s spiral'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "convert" -d 'Write a map in another form: as ddrescue has it, as a list of block numbers, as JSON'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "and" -d 'Write the map in which is rescued what is rescued in both'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "or" -d 'Write the map in which is rescued what is rescued in either'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "xor" -d 'Write the map in which is rescued what is rescued in one and not in the other'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "invert" -d 'Write the opposite of a map'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "compare" -d 'Say where two maps differ'
complete -c freemkv -n "__fish_freemkv_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "merge" -d 'Make one image, or one map, of several of the same disc'

# Drives and titles, which the definition of the arguments does not know.

# The names behind the command, without options and their values.
function __freemkv_places
    set -l valued --angle --audio --block-size --budget --compress-subs --core --drive-retries --forced-subs --format --give-up-after --image --keep --layers --log-file --map --max-errors --media --min-length --name --on-done --on-free --only --order --output --passes --png --prealloc --progress --sample --seed --skip --speed --status --subs --svg --timeout --title --to --unit --width --write -o
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
