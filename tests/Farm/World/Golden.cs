using System.Runtime.CompilerServices;

namespace ExampleMlFarm.Tests.Farm.World;

/// <summary>Expected texts in files: <c>tests/Farm/Golden</c>. With MLFARM_GOLDEN=write they are written instead of compared; look at the difference in git.</summary>
internal static class Golden
{
    public static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        CheckFile(Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(caller))!, "Golden", name), actual);
    }

    /// <summary>The same for a file anywhere.</summary>
    public static void CheckFile(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("MLFARM_GOLDEN") == "write")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }
        Assert.True(File.Exists(path), $"{path} is missing; write it with MLFARM_GOLDEN=write and look at it. It would hold:\n{actual}");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
