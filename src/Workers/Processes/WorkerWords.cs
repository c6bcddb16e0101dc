namespace ExampleMlFarm.Workers.Processes;

/// <summary>
/// What a worker process prints, as a file for people who look for trouble. Losing such lines must never cost more than the lines: on a full disk they
/// are dropped, and the file says so when it can be written again.
/// </summary>
/// <remarks>Safe for several threads; nothing here throws for what the disk does.</remarks>
/// <param name="path">The file; appended to.</param>
public sealed class WorkerWords(string path) : IDisposable
{
    private readonly Lock gate = new();
    private FileStream? file;
    private long dropped;

    /// <summary>Adds a line.</summary>
    public void Write(string line)
    {
        lock (gate)
        {
            try
            {
                if (file is null)
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    // Without a buffer: what could not be written must not come up again when the file is closed.
                    file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                }
                if (dropped > 0) file.Write(System.Text.Encoding.UTF8.GetBytes($"({dropped} lines could not be written)\n"));
                dropped = 0;
                file.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { dropped++; }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate) file?.Dispose();
    }
}
