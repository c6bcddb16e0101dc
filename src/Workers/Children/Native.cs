using System.Runtime.InteropServices;

namespace ExampleMlFarm.Workers.Children;

/// <summary>
/// The calls of Linux and glibc that starting, watching and ending processes needs. <c>System.Diagnostics.Process</c> is not used
/// for items: it forks with pipes, threads and tasks per child, which costs more than the program it starts.
/// </summary>
internal static unsafe partial class Native
{
    public const int SigKill = 9, SigTerm = 15, SigPipe = 13;
    public const short PollIn = 1, PollHangUp = 16;
    public const int InterruptedCall = 4, NoSuchProcess = 3, WouldBlock = 11;
    public const int ParentDeathSignal = 1, ChildSubreaper = 36;
    public const int AllProcesses = 0, HasExited = 4, DoNotWait = 1, LeaveWaitable = 0x01000000;
    private const int PidFdOpen = 434;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Wanted, Ready;
    }

    /// <summary>struct rusage of glibc on 64 bits: 18 longs.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Usage
    {
        public long UserSeconds, UserMicroseconds, SystemSeconds, SystemMicroseconds, MaxResidentKiB;
        public fixed long Rest[13];
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int posix_spawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int from, int to);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* set);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* set);

    [LibraryImport("libc")]
    public static partial int sigemptyset(void* set);

    [LibraryImport("libc")]
    public static partial int sigaddset(void* set, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, long argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int descriptor, void* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwrite(int descriptor, void* buffer, nint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int wait4(int pid, int* status, int options, Usage* usage);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitid(int kind, int id, void* information, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc")]
    public static partial int getppid();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b);

    /// <summary>Lets this thread wait, with nothing to wait for but time.</summary>
    public static int WaitMilliseconds(int milliseconds) => poll(null, 0, milliseconds);

    /// <summary>A descriptor that becomes readable when the process ends; −1 with the error set when there is none.</summary>
    public static int OpenPidDescriptor(int pid) => (int)SystemCall(PidFdOpen, pid, 0);
}
