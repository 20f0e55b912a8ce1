//! Names before options, for bash.

/// The script for bash with names of files where a command takes names: options are offered behind a dash. Without an answer
/// of the script, bash offers files.
pub(super) fn names_first(script: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut takes_names = false;
    let mut is_behind_a_dash = false;
    for line in script.lines() {
        let mut line = line.to_owned();
        if let Some(options) = line.trim().strip_prefix("opts=\"").and_then(|rest| rest.strip_suffix('"')) {
            takes_names = options.split(' ').all(|word| word.starts_with('-'));
        }
        if let Some((dash, _)) = line.split_once(" || ${COMP_CWORD} -eq ").filter(|_| takes_names) {
            line = format!("{dash} ]] ; then");
            is_behind_a_dash = true;
        } else if takes_names && line.trim_start().starts_with("COMPREPLY=( $(compgen -W \"${opts}\"") {
            if !is_behind_a_dash {
                let indent = line.len() - line.trim_start().len();
                line = format!("{:indent$}COMPREPLY=()", "");
            }
            is_behind_a_dash = false;
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_with_subcommands_or_words_keep_offering_them() {
        let script = "opts=\"-h show\"\nif [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then\nCOMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n";
        assert_eq!(names_first(script), script);
    }
}
