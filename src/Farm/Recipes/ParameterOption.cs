using System.CommandLine;
using ExampleMlFarm.Farm.Output;
using YamlDotNet.RepresentationModel;

namespace ExampleMlFarm.Farm.Recipes;

/// <summary><c>-p name=value</c>, as often as wanted, and <c>-p @file.yaml</c> for a set.</summary>
internal static class ParameterOption
{
    public static Option<string[]> Create() => new("--param", "-p")
    {
        Description = "Sets a parameter of the recipe: -p poses=512, or -p @file.yaml for a set of them.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    /// <summary>What was given, later ones over earlier ones.</summary>
    /// <exception cref="CliException">One is not of the form.</exception>
    public static IReadOnlyDictionary<string, string> Read(string[] given, string workingFolder)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            if (text.StartsWith('@'))
            {
                foreach (var (name, value) in ReadFile(Path.GetFullPath(text[1..], workingFolder))) values[name] = value;
                continue;
            }
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new CliException(ExitCode.Usage, $"\"-p {text}\" is not name=value", "write for example: -p poses=512");
            values[text[..equals]] = text[(equals + 1)..];
        }
        return values;
    }

    private static IEnumerable<KeyValuePair<string, string>> ReadFile(string path)
    {
        if (!File.Exists(path)) throw new CliException(ExitCode.NotFound, $"the parameter file {path} does not exist");
        var stream = new YamlStream();
        try
        {
            using var reader = File.OpenText(path);
            stream.Load(reader);
        }
        catch (YamlDotNet.Core.YamlException e)
        {
            throw new CliException(ExitCode.Invalid, $"the parameter file is not YAML: {e.Message}", at: $"{path}:{e.Start.Line}:{e.Start.Column}");
        }
        if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode map)
            throw new CliException(ExitCode.Invalid, $"the parameter file {path} is not a mapping from names to values");
        foreach (var (key, value) in map.Children)
        {
            if (value is not YamlScalarNode scalar) throw new CliException(ExitCode.Invalid, $"parameter \"{key}\" in {path} is not a single value");
            yield return new(key.ToString(), scalar.Value ?? "");
        }
    }
}
