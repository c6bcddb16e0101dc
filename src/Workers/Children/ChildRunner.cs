using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ExampleMlFarm.Core;
using Microsoft.Win32.SafeHandles;

namespace ExampleMlFarm.Workers.Children;

/// <summary>Takes what a child prints, whole lines only, without their line breaks.</summary>
public delegate void ChildLine(ReadOnlySpan<byte> utf8);

/// <summary>
/// Starts one child after the other for one slot, on the thread of the caller: posix_spawn in a session of its own, output through a pipe of its
/// own, one poll on process and pipe together. Per child this is pipe, spawn, pidfd, poll, wait and kill of the group: no thread, no task, no file.
/// When it returns, nothing that the child started runs any more, as far as <see cref="ProcessTree"/> can find it.
/// </summary>
/// <remarks>Not safe for several threads.</remarks>
public sealed unsafe class ChildRunner : IDisposable
{
    // posix_spawn.h: set the signal mask, reset signals to default, new session.
    private const short SetSignalDefaults = 4, SetSignalMask = 8, NewSession = 0x80;
    // fcntl.h on x86-64 and arm64.
    private const int CloseOnExec = 0x80000, NonBlocking = 0x800, SetFlags = 4;
    private const int LongestLineBytes = 64 * 1024;
    // The structs of glibc are 336 (attributes), 80 (actions) and 128 (signal set) bytes; rounded up.
    private readonly nint attributes = (nint)NativeMemory.AllocZeroed(512);
    private readonly nint signals = (nint)NativeMemory.AllocZeroed(256);
    private readonly nint actions = (nint)NativeMemory.AllocZeroed(256);
    private readonly NativeStrings arguments = new(), folderPath = new();
    private readonly byte[] buffer = new byte[LongestLineBytes];
    private readonly string mark;
    private readonly SafeFileHandle nothing;
    private int readEnd = -1, writeEnd = -1, buffered;
    private static readonly ConcurrentDictionary<int, bool> Running = new();
    private bool hasActions;

    /// <summary>A runner whose children carry <paramref name="mark"/> in their environment.</summary>
    public ChildRunner(string mark)
    {
        this.mark = mark;
        nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
        Check(Native.posix_spawnattr_init((void*)attributes), "posix_spawnattr_init");
        // .NET ignores SIGPIPE, and ignored signals are inherited: `yes | head` would never end.
        _ = Native.sigemptyset((void*)signals);
        Check(Native.posix_spawnattr_setsigmask((void*)attributes, (void*)signals), "posix_spawnattr_setsigmask");
        _ = Native.sigaddset((void*)signals, Native.SigPipe);
        Check(Native.posix_spawnattr_setsigdefault((void*)attributes, (void*)signals), "posix_spawnattr_setsigdefault");
        Check(Native.posix_spawnattr_setflags((void*)attributes, SetSignalDefaults | SetSignalMask | NewSession), "posix_spawnattr_setflags");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">What to start.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="environment">Its whole environment as NAME=value, with the slot's mark (<see cref="ProcessTree.MarkVariable"/>) among them.</param>
    /// <param name="line">Gets what it prints on both outputs, in the order it arrives.</param>
    /// <param name="memory">What the child's tree may use; it is ended when it uses more.</param>
    /// <param name="cancellation">Ends the whole tree; the outcome is then that of the killed child.</param>
    /// <exception cref="FarmException"><c>command.not_started</c></exception>
    public ChildOutcome Run(CommandLine command, string folder, NativeStrings environment, ChildLine line, MemoryLimit? memory, CancellationToken cancellation)
    {
        OpenPipe(folder);
        int pid;
        try { pid = Spawn(command, environment); }
        catch
        {
            ClosePipe();
            throw;
        }
        Running[pid] = true;
        int watch = Native.OpenPidDescriptor(pid);
        bool waited = false;
        try
        {
            var outcome = Watch(pid, watch, line, memory, cancellation);
            waited = true;
            EndLeftovers(pid, line);
            if (buffered > 0) line(buffer.AsSpan(0, buffered));
            return outcome;
        }
        catch
        {
            // Whoever takes the lines has had enough.
            ProcessTree.Kill(pid, mark);
            Native.Usage usage;
            int status;
            while (!waited && Native.wait4(pid, &status, 0, &usage) < 0 && Marshal.GetLastPInvokeError() == Native.InterruptedCall) { }
            throw;
        }
        finally
        {
            if (watch >= 0) _ = Native.close(watch);
            Running.TryRemove(pid, out _);
            buffered = 0;
            ClosePipe();
        }
    }

    private ChildOutcome Watch(int pid, int watch, ChildLine line, MemoryLimit? memory, CancellationToken cancellation)
    {
        int status = 0;
        Native.Usage usage = default;
        bool killed = false;
        var entries = stackalloc Native.PollEntry[2];
        entries[0] = new() { Descriptor = watch, Wanted = Native.PollIn };
        entries[1] = new() { Descriptor = readEnd, Wanted = Native.PollIn };
        memory?.Begin();
        while (true)
        {
            // A tenth of a second is how late a cancellation may be noticed; without a pidfd (gVisor) it is also how exits are.
            _ = Native.poll(entries, 2, watch < 0 ? 2 : 100);
            if (entries[1].Ready != 0) Read(line);
            if (!killed && (cancellation.IsCancellationRequested || memory?.IsOver(pid, mark) == true))
            {
                ProcessTree.Kill(pid, mark);
                killed = true;
            }
            int ended = Native.wait4(pid, &status, killed ? 0 : 1, &usage);
            if (ended == pid) return ChildOutcome.Of(status, usage);
            if (ended < 0 && Marshal.GetLastPInvokeError() != Native.InterruptedCall)
                throw new InvalidOperationException($"wait4({pid}) failed with error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>
    /// Ends what the child left behind, and takes its last lines: nothing of it may reach the log or the folder of the next item. Costs two calls when
    /// nothing is left.
    /// </summary>
    private void EndLeftovers(int pid, ChildLine line)
    {
        _ = Native.kill(-pid, Native.SigKill);
        // From here on only those that the child gave it to hold the other end: its end says that they are gone. Earlier, it would wake this thread once
        // more for each child that ends.
        Close(ref writeEnd);
        bool open = Read(line);
        if (open)
        {
            // What was ended just now closes its end in a moment.
            var entry = new Native.PollEntry { Descriptor = readEnd, Wanted = Native.PollIn };
            _ = Native.poll(&entry, 1, 20);
            open = Read(line);
        }
        if (!open && !ProcessTree.MayHaveLeftovers()) return;
        ProcessTree.EndMarked(mark);
        Read(line);
    }

    /// <summary>True for a child that a runner of this process has started and not yet waited for.</summary>
    internal static bool IsOurs(int pid) => Running.ContainsKey(pid);

    private int Spawn(CommandLine command, NativeStrings environment)
    {
        arguments.Truncate(0);
        arguments.Add(command.Program);
        foreach (var argument in command.Arguments) arguments.Add(argument);
        // The program's path stands first in the same block; its arguments begin behind it.
        byte** strings = arguments.Pointers();
        int pid;
        int error = Native.posix_spawn(&pid, strings[0], (void*)actions, (void*)attributes, strings + 1, environment.Pointers());
        if (error != 0)
            throw new FarmException(new(FailureClass.InvalidInput, "command.not_started",
                $"'{command.Program}' cannot be started: {new System.ComponentModel.Win32Exception(error).Message}"));
        return pid;
    }

    private void OpenPipe(string folder)
    {
        int* ends = stackalloc int[2];
        if (Native.pipe2(ends, CloseOnExec) != 0) throw new IOException($"no pipe for a child's output (error {Marshal.GetLastPInvokeError()})");
        (readEnd, writeEnd) = (ends[0], ends[1]);
        // Only our end: a child that meets a full pipe has to wait, not to fail.
        _ = Native.fcntl(readEnd, SetFlags, NonBlocking);
        if (hasActions) _ = Native.posix_spawn_file_actions_destroy((void*)actions);
        hasActions = true;
        Check(Native.posix_spawn_file_actions_init((void*)actions), "posix_spawn_file_actions_init");
        Check(Native.posix_spawn_file_actions_adddup2((void*)actions, (int)nothing.DangerousGetHandle(), 0), "adddup2");
        Check(Native.posix_spawn_file_actions_adddup2((void*)actions, writeEnd, 1), "adddup2");
        Check(Native.posix_spawn_file_actions_adddup2((void*)actions, writeEnd, 2), "adddup2");
        folderPath.Truncate(0);
        folderPath.Add(folder);
        Check(Native.posix_spawn_file_actions_addchdir_np((void*)actions, folderPath.Pointers()[0]), "addchdir");
    }

    /// <summary>Takes what is there; false when nobody holds the other end any more.</summary>
    private bool Read(ChildLine line)
    {
        while (true)
        {
            nint got;
            fixed (byte* target = buffer) got = Native.read(readEnd, target + buffered, buffer.Length - buffered);
            if (got == 0) return false;
            if (got < 0) return true;
            buffered += (int)got;
            int start = 0;
            while (true)
            {
                int length = buffer.AsSpan(start, buffered - start).IndexOf((byte)'\n');
                if (length < 0) break;
                int end = start + length;
                line(buffer.AsSpan(start, end > start && buffer[end - 1] == '\r' ? length - 1 : length));
                start = end + 1;
            }
            if (start == 0 && buffered == buffer.Length)
            {
                // A line without end is cut rather than kept: memory has a limit.
                line(buffer);
                buffered = 0;
                continue;
            }
            buffer.AsSpan(start, buffered - start).CopyTo(buffer);
            buffered -= start;
        }
    }

    private void ClosePipe()
    {
        Close(ref readEnd);
        Close(ref writeEnd);
    }

    private static void Close(ref int descriptor)
    {
        if (descriptor >= 0) _ = Native.close(descriptor);
        descriptor = -1;
    }

    private static void Check(int error, string what)
    {
        if (error != 0) throw new InvalidOperationException($"{what} failed with error {error}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ClosePipe();
        nothing.Dispose();
        arguments.Dispose();
        folderPath.Dispose();
        _ = Native.posix_spawnattr_destroy((void*)attributes);
        if (hasActions) _ = Native.posix_spawn_file_actions_destroy((void*)actions);
        NativeMemory.Free((void*)attributes);
        NativeMemory.Free((void*)signals);
        NativeMemory.Free((void*)actions);
    }
}
