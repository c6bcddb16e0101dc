using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace ExampleMlFarm.Tests.Scheduler.World;

/// <summary>The PostgreSQL that tests share: started with the first one that needs it, ended with the process.</summary>
internal static class PostgresServer
{
    private static readonly Lazy<PostgresCluster?> running = new(() =>
    {
        var started = PostgresCluster.Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => started?.Dispose();
        return started;
    });
    private static int databases;

    /// <summary>The connection string of a new empty database; skips the test when there is no server.</summary>
    public static string NewDatabase()
    {
        var server = running.Value;
        Assert.SkipUnless(server is not null, PostgresCluster.Missing);
        string name = $"test_{Interlocked.Increment(ref databases)}";
        Execute(server!.To("postgres"), $"create database {name}");
        return server.To(name);
    }

    /// <summary>Removes a database and whoever is connected to it.</summary>
    public static void Drop(string connectionString)
    {
        if (running.Value is { } server) Execute(server.To("postgres"), $"drop database if exists {new NpgsqlConnectionStringBuilder(connectionString).Database} with (force)");
    }

    /// <summary>Runs a statement in a database.</summary>
    public static void Execute(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}

/// <summary>
/// A PostgreSQL of the tests' own, from the system's package: a fresh cluster in a temporary folder on a free loopback port. Where the package is missing, tests skip.
/// </summary>
internal sealed class PostgresCluster : IDisposable
{
    private readonly string folder, binaries;
    private readonly int port;

    private PostgresCluster(string folder, string binaries, int port) => (this.folder, this.binaries, this.port) = (folder, binaries, port);

    public static PostgresCluster? Start()
    {
        string? binaries = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Max(StringComparer.Ordinal) : null;
        if (binaries is null) return null;
        string folder = Directory.CreateTempSubdirectory("mlfarm-pg-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0x1ff);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var server = new PostgresCluster(folder, binaries, port);
        if (!server.Run("initdb", "-D", server.Data, "-U", "farm", "-A", "trust", "-E", "UTF8", "--no-sync")) return null;
        File.AppendAllText(Path.Combine(server.Data, "postgresql.conf"), $"\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nshared_buffers = 32MB\nmax_connections = 200\n");
        if (!server.Begin()) return null;
        return server;
    }

    public const string Missing = "PostgreSQL is not installed (Debian's package postgresql)";

    private string Data => Path.Combine(folder, "data");

    public string To(string database) => $"Host=127.0.0.1;Port={port};Username=farm;Database={database};Timeout=5";

    /// <summary>Stops the server at once, as a power cut would, and starts it again.</summary>
    public void Crash()
    {
        Run("pg_ctl", "-s", "-D", Data, "-m", "immediate", "-w", "stop");
        Begin();
    }

    private bool Begin() => Run("pg_ctl", "-s", "-D", Data, "-l", Path.Combine(folder, "log"), "-w", "start");

    public void Dispose()
    {
        Run("pg_ctl", "-s", "-D", Data, "-m", "immediate", "-w", "stop");
        try { Directory.Delete(folder, recursive: true); }
        catch (IOException) { }
    }

    // PostgreSQL refuses to run as root: then it is its package's user who does.
    private bool Run(string program, params string[] arguments)
    {
        bool asRoot = Environment.UserName == "root";
        var start = new ProcessStartInfo(asRoot ? "setpriv" : Path.Combine(binaries, program)) { WorkingDirectory = folder, RedirectStandardOutput = false };
        if (asRoot)
            foreach (string word in new[] { "--reuid=postgres", "--regid=postgres", "--clear-groups", Path.Combine(binaries, program) }) start.ArgumentList.Add(word);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.RedirectStandardOutput = program != "pg_ctl";
        using var process = Process.Start(start)!;
        if (start.RedirectStandardOutput) process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
