namespace ExampleMlFarm.Farm.Sessions;

/// <summary>How this program is started once more.</summary>
internal static class OwnProgram
{
    /// <summary>The program, and the arguments that stand before its own: under <c>dotnet mlfarm.dll</c> the process is dotnet.</summary>
    public static (string Program, string[] Before) Command()
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        string own = typeof(OwnProgram).Assembly.Location;
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") return (program, [own]);
        // Inside another program, such as a test, the one that stands beside our assembly is meant.
        string beside = Path.ChangeExtension(own, null);
        return Path.GetFileNameWithoutExtension(program) != Path.GetFileNameWithoutExtension(own) && File.Exists(beside) ? (beside, []) : (program, []);
    }
}
