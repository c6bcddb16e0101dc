using System.Buffers;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Workers.Children;

/// <summary>
/// How a command line is started: by itself when it is words only, through <c>/bin/sh -c</c> when it uses anything of the shell
/// (starting a shell costs more than many a program).
/// </summary>
/// <param name="Program">Absolute path of the program.</param>
/// <param name="Arguments">All arguments, the first being the name it was called by.</param>
public sealed record CommandLine(string Program, IReadOnlyList<string> Arguments)
{
    private static readonly SearchValues<char> ShellOnly = SearchValues.Create("|&;<>()$`\\*?[]#~{}!\n\r");

    // Builtins and keywords that are no programs, or not the same ones: the shell has to run them.
    private static readonly HashSet<string> ShellWords =
        [".", ":", "source", "cd", "exec", "exit", "export", "set", "unset", "eval", "trap", "ulimit", "umask", "wait", "read", "if", "for", "while", "case", "until", "time"];

    /// <summary>Reads a command line.</summary>
    /// <param name="text">As the recipe has it, expressions already filled in.</param>
    /// <param name="searchPath">The value of <c>PATH</c>.</param>
    /// <exception cref="FarmException"><c>command.empty</c>, <c>command.not_found</c>.</exception>
    public static CommandLine Parse(string text, string searchPath)
    {
        if (string.IsNullOrWhiteSpace(text)) throw FarmException.Invalid("command.empty", "the command line is empty: write what 'run:' is to start");
        if (text.Contains('\0')) throw FarmException.Invalid("command.zero", "the command line holds a zero character");
        if (SplitWords(text) is not { } words) return new("/bin/sh", ["sh", "-c", text]);
        if (words[0].Contains('=') || ShellWords.Contains(words[0])) return new("/bin/sh", ["sh", "-c", text]);
        return new(Find(words[0], searchPath), words);
    }

    /// <summary>A program with its arguments, for which no shell is asked.</summary>
    /// <exception cref="FarmException"><c>command.empty</c>, <c>command.not_found</c>.</exception>
    public static CommandLine Of(IReadOnlyList<string> words, string searchPath)
    {
        if (words.Count == 0 || words[0].Length == 0) throw FarmException.Invalid("command.empty", "the command is empty: write the program that 'run:' is to start");
        if (words.Any(w => w.Contains('\0'))) throw FarmException.Invalid("command.zero", "the command holds a zero character");
        return new(Find(words[0], searchPath), words);
    }

    /// <summary>The words, with quotes taken off; null when the line needs a shell.</summary>
    private static List<string>? SplitWords(string text)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        bool inWord = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '\'' or '"')
            {
                int end = text.IndexOf(c, i + 1);
                if (end < 0) return null;
                var quoted = text.AsSpan(i + 1, end - i - 1);
                // Between double quotes the shell still expands.
                if (c == '"' && quoted.IndexOfAny('$', '`', '\\') >= 0) return null;
                word.Append(quoted);
                inWord = true;
                i = end;
            }
            else if (c is ' ' or '\t')
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else if (ShellOnly.Contains(c)) return null;
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
        if (inWord) words.Add(word.ToString());
        return words.Count == 0 || words[0].Length == 0 ? null : words;
    }

    private static string Find(string name, string searchPath)
    {
        // A relative path is meant from the working folder, which is the item's own: the program is looked for there when it starts.
        if (name.Contains('/')) return name;
        foreach (var folder in searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0)
                return path;
        }
        throw FarmException.Invalid("command.not_found", $"program '{name}' is not in PATH ({searchPath}): install it, or give its full path");
    }
}
