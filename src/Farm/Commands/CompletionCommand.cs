using System.CommandLine;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm completion</c>: a script for a shell. The words come from the command tree itself, asked at each press of Tab.</summary>
internal static class CompletionCommand
{
    private enum Shell { Bash, Zsh, Fish, Pwsh }

    public static Command Create()
    {
        var shell = new Argument<Shell>("shell") { Description = "bash, zsh, fish or pwsh." };
        var command = new Command("completion", "Prints the completion script of a shell.\nExample: eval \"$(mlfarm completion bash)\"") { shell };
        command.SetAction(invocation =>
        {
            invocation.Terminal.Out.Write(invocation.Parsed.GetValue(shell) switch { Shell.Bash => Bash, Shell.Zsh => Zsh, Shell.Fish => Fish, _ => Pwsh });
            return Output.ExitCode.Success;
        });
        return command;
    }

    private const string Bash = """
        # mlfarm completion for bash: eval "$(mlfarm completion bash)" in ~/.bashrc
        _mlfarm() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _mlfarm mlfarm

        """;

    private const string Zsh = """
        #compdef mlfarm
        # mlfarm completion for zsh: eval "$(mlfarm completion zsh)" in ~/.zshrc, after compinit
        _mlfarm() {
            local -a words_found
            words_found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -- "${words_found[@]}"
            (( ${#words_found} > 1 )) || _files
        }
        compdef _mlfarm mlfarm

        """;

    private const string Fish = """
        # mlfarm completion for fish: mlfarm completion fish > ~/.config/fish/completions/mlfarm.fish
        complete -c mlfarm -a '(mlfarm "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'

        """;

    private const string Pwsh = """
        # mlfarm completion for PowerShell: mlfarm completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName mlfarm -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            mlfarm "[suggest:$cursorPosition]" "$commandAst" 2>$null | Where-Object { $_ -like "$wordToComplete*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }

        """;
}
