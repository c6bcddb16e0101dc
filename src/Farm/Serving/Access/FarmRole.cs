using ExampleMlFarm.Core;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>What a key may do. Each of the first three may do what those before it may.</summary>
internal enum FarmRole
{
    /// <summary>Looks at everything.</summary>
    Viewer,
    /// <summary>Submits runs and steers them.</summary>
    Operator,
    /// <summary>Makes and ends keys, reads the audit log, removes artifacts.</summary>
    Admin,
    /// <summary>A worker: leases, reports, artifacts, and nothing else.</summary>
    Worker,
}

/// <summary>Roles as words.</summary>
internal static class FarmRoles
{
    /// <summary>All words, weakest first.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Enum.GetValues<FarmRole>().Select(Word)];

    /// <summary>The word for a role.</summary>
    public static string Word(FarmRole role) => role.ToString().ToLowerInvariant();

    /// <summary>The role of a word.</summary>
    /// <exception cref="FarmException">There is none: <c>key.role</c>.</exception>
    public static FarmRole Parse(string word) => Words.Contains(word) ? Enum.Parse<FarmRole>(word, ignoreCase: true)
        : throw FarmException.Invalid("key.role", $"\"{word}\" is not a role; roles: {string.Join(", ", Words)}");

    /// <summary>Everything that somebody of a role may do, as roles. An administrator may also try what workers do.</summary>
    public static IReadOnlyList<FarmRole> Including(FarmRole role) => role switch
    {
        FarmRole.Worker => [FarmRole.Worker],
        FarmRole.Viewer => [FarmRole.Viewer],
        FarmRole.Operator => [FarmRole.Viewer, FarmRole.Operator],
        _ => [FarmRole.Viewer, FarmRole.Operator, FarmRole.Admin, FarmRole.Worker],
    };
}
