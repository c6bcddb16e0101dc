using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ExampleMlFarm.Bench.Regression;

/// <summary>One Python that stays: imports are not measured.</summary>
internal sealed class Sklearn : IDisposable
{
    private const string Script = """
        import sys, time, numpy as np
        from sklearn.linear_model import Ridge
        from sklearn.kernel_ridge import KernelRidge
        from sklearn.kernel_approximation import Nystroem
        from sklearn.neighbors import KNeighborsRegressor
        from sklearn.model_selection import GridSearchCV, LeaveOneOut
        # sklearn has no closed form here: ten folds stand in for n, which flatters it fifty times.
        def best(x, y):
            return GridSearchCV(KernelRidge(kernel='rbf'), dict(gamma=[1 / (2 * w * w) for w in (1, 2, 3, 4, 5)], alpha=[1e-3, 1e-2, 1e-1, 1, 10]), cv=10).fit(x, y)
        def nystroem(x, y, q):
            f = Nystroem(kernel='rbf', gamma=1 / 8, n_components=500, random_state=0).fit(x)
            return Ridge(alpha=.1, solver='cholesky').fit(f.transform(x), y).predict(f.transform(q))
        for line in sys.stdin:
            folder, d, o, expression = line.rstrip('\n').split('\t')
            x = np.fromfile(folder + '/x').reshape(-1, int(d)); y = np.fromfile(folder + '/y').reshape(-1, int(o)); q = np.fromfile(folder + '/q').reshape(-1, int(d))
            start = time.perf_counter()
            result = eval(expression)
            seconds = time.perf_counter() - start
            np.asarray(result, dtype=float).tofile(folder + '/r')
            print(seconds, flush=True)
        """;

    private readonly Process? process;
    private readonly string folder = Directory.CreateTempSubdirectory("mlfarm-bench-").FullName;

    public Sklearn()
    {
        if (!File.Exists("/usr/bin/python3")) return;
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        process = Process.Start(start);
    }

    /// <summary>Seconds of the expression and what it gave; NaN and nothing where there is no python3-sklearn.</summary>
    public (double Seconds, double[] Values) Run(Case c)
    {
        if (process is null || process.HasExited) return (double.NaN, []);
        Write("x", c.Inputs);
        Write("y", c.Targets);
        Write("q", c.Queries);
        process.StandardInput.WriteLine($"{folder}\t{c.Columns}\t{c.Outputs}\t{c.Python}");
        process.StandardInput.Flush();
        string? line = process.StandardOutput.ReadLine();
        if (line is null) return (double.NaN, []);
        return (double.Parse(line, CultureInfo.InvariantCulture), MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path.Combine(folder, "r"))).ToArray());
    }

    public void Dispose()
    {
        process?.StandardInput.Close();
        process?.WaitForExit();
        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void Write(string name, double[] values) => File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
