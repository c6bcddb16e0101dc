using System.Diagnostics;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Workers.Children;

namespace ExampleMlFarm.Tests.Workers.Children;

public sealed class ChildRunnerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mlfarm-child-").FullName;
    private readonly string mark;
    private readonly ChildRunner runner;
    private readonly NativeStrings environment = new();
    private readonly List<string> lines = [];

    public ChildRunnerTests()
    {
        mark = folder + "/0";
        runner = new(mark);
        environment.Add("PATH", "/usr/bin:/bin");
        environment.Add(ProcessTree.MarkVariable, mark);
    }

    public void Dispose()
    {
        runner.Dispose();
        environment.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private ChildOutcome Run(string command, CancellationToken cancellation = default) =>
        runner.Run(CommandLine.Parse(command, "/usr/bin:/bin"), folder, environment, l => lines.Add(Encoding.UTF8.GetString(l)), null, cancellation);

    private static bool IsAlive(int pid) => ProcessStatus.Read(pid) is { State: not ('Z' or 'X') };

    [Fact]
    public void Both_outputs_arrive_as_lines_in_order()
    {
        var outcome = Run("echo one; echo two >&2; printf 'three\\r\\nfour'");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(["one", "two", "three", "four"], lines);
    }

    [Theory]
    [InlineData("true", 0, 0)]
    [InlineData("false", 1, 0)]
    [InlineData("exit 42", 42, 0)]
    [InlineData("kill -ABRT $$", -1, 6)]
    [InlineData("kill -KILL $$", -1, 9)]
    public void Exit_codes_and_signals_are_told_apart(string command, int code, int signal)
    {
        var outcome = Run(command);
        Assert.Equal((code, signal), (outcome.ExitCode, outcome.Signal));
    }

    [Fact]
    public void Many_children_one_after_the_other_leave_nothing_open()
    {
        Run("true");
        int before = Directory.GetFiles("/proc/self/fd").Length;
        for (int i = 0; i < 200; i++) Assert.Equal(0, Run(i % 2 == 0 ? "true" : "echo x").ExitCode);
        Assert.True(Directory.GetFiles("/proc/self/fd").Length <= before + 100, "two hundred children that leak a descriptor each would show, among what other tests open");
        Assert.Equal(100, lines.Count);
    }

    [Fact]
    public void A_broken_pipe_ends_a_child_as_in_a_shell() => Assert.Equal(13, Run("kill -PIPE $$; echo survived").Signal);

    [Fact]
    public void Output_larger_than_the_pipe_is_read_while_the_child_runs()
    {
        Assert.Equal(0, Run("seq 100000").ExitCode);
        Assert.Equal(100000, lines.Count);
        Assert.Equal("100000", lines[^1]);
    }

    [Fact]
    public void A_line_without_end_is_cut_and_not_kept_in_memory()
    {
        Assert.Equal(0, Run("head -c 1000000 /dev/zero | tr '\\0' x").ExitCode);
        Assert.All(lines, l => Assert.True(l.Length <= 65536));
        Assert.Equal(1000000, lines.Sum(l => l.Length));
    }

    [Fact]
    public void The_child_works_in_its_folder_and_sees_its_environment()
    {
        environment.Add("MLFARM_RADIUS", "0.25");
        Run("pwd; echo $MLFARM_RADIUS");
        Assert.Equal([folder, "0.25"], lines);
    }

    [Theory]
    [InlineData("sleep 60")]
    [InlineData("sleep 60 & echo $! > pid; wait")]
    [InlineData("setsid sleep 60 & echo $! > pid; wait")]
    [InlineData("(setsid sh -c 'echo $$ > pid; sleep 60' &) ; sleep 60")]
    [InlineData("trap '' TERM INT HUP; echo $$ > pid; while true; do sleep 1; done")]
    public void Cancelling_ends_the_whole_tree(string command)
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(0.7));
        long start = Stopwatch.GetTimestamp();
        var outcome = Run(command, cancellation.Token);
        Assert.Equal(9, outcome.Signal);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(15));
        var pid = Path.Combine(folder, "pid");
        if (File.Exists(pid)) Assert.True(SpinWait.SpinUntil(() => !IsAlive(int.Parse(File.ReadAllText(pid))), 5000));
        Assert.DoesNotContain(ProcessTree.FindMarked(mark), IsAlive);
    }

    [Fact]
    public void What_stays_in_the_background_ends_with_its_item()
    {
        Run("sleep 60 & echo $!");
        Assert.True(SpinWait.SpinUntil(() => !IsAlive(int.Parse(lines.Single())), 5000));
    }

    [Fact]
    public void A_program_that_cannot_be_executed_is_named()
    {
        File.WriteAllText(Path.Combine(folder, "not-a-program"), "x");
        var e = Assert.Throws<FarmException>(() => Run("./not-a-program"));
        Assert.Equal("command.not_started", e.Failure.Code);
        Assert.Contains("not-a-program", e.Message, StringComparison.Ordinal);
    }
}
