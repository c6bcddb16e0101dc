namespace ExampleMlFarm.Farm.Output;

/// <summary>Breaks sentences into lines of a width, between words.</summary>
public static class Wrapping
{
    /// <summary>The text behind a prefix; further lines are indented as far as the prefix is long. A word longer than a line stays whole.</summary>
    public static IEnumerable<string> Lines(string prefix, string text, int width)
    {
        string line = prefix;
        bool isEmpty = true;
        foreach (string word in text.Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > width)
            {
                yield return line;
                (line, isEmpty) = (new(' ', prefix.Length), true);
            }
            line = isEmpty ? line + word : $"{line} {word}";
            isEmpty = false;
        }
        yield return line;
    }
}
