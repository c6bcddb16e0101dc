using System.Diagnostics;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Runs;

namespace ExampleMlFarm.Tests.Workers.Processes;

public sealed class DiskFullTests
{
    [Fact]
    public async Task A_run_on_a_full_disk_waits_says_so_once_and_goes_on_when_there_is_room()
    {
        string folder = Directory.CreateTempSubdirectory("mlfarm-small-disk-").FullName;
        Assert.SkipUnless(Environment.UserName == "root" && Mount("-t", "tmpfs", "-o", "size=6m", "tmpfs", folder), "a disk of 6 MB can only be mounted by root");
        try
        {
            // Below the mount point, since the farm removes its folder at the end.
            await using var farm = await TestFarm.Start(Directory.CreateDirectory(Path.Combine(folder, "farm")).FullName);
            farm.StartWorkers(2, 1);
            var run = await farm.Submit("recipe: 1\nname: full\nnodes:\n  big: { generate: 30, run: 'head -c 500000 /dev/urandom > big.bin; echo made', out: { big: big.bin } }\n");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
            while (farm.Heard.Words.Count == 0)
            {
                Assert.False(limit.IsCancellationRequested, "nobody says that the disk is full");
                await Task.Delay(100, CancellationToken.None);
            }
            // Time enough for items to fail, if they did.
            await Task.Delay(3000, TestContext.Current.CancellationToken);
            var word = Assert.Single(farm.Heard.Words);
            Assert.StartsWith($"disk full: {farm.Folder}/.mlfarm, ", word, StringComparison.Ordinal);
            Assert.EndsWith("make room, work goes on by itself", word, StringComparison.Ordinal);
            Assert.True(Mount("-o", "remount,size=60m", folder));
            var view = await TestFarm.Finish(run, 60);
            Assert.Equal(RunStatus.Succeeded, (RunStatus)view.Status);
            Assert.Equal(30, view.Nodes[0].Counts[(int)ItemState.Succeeded]);
            Assert.Equal((0, 0), (view.Nodes[0].FailedAttempts, view.Nodes[0].LostAttempts));
            Assert.Contains(farm.Heard.Words, w => w.StartsWith("work goes on", StringComparison.Ordinal));
            Assert.DoesNotContain(farm.Heard.Words, w => w.Contains("exit code", StringComparison.Ordinal));
        }
        finally
        {
            using var umount = Process.Start("umount", ["-l", folder]);
            umount.WaitForExit();
            Directory.Delete(folder);
        }
    }

    private static bool Mount(params string[] words)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("mount", words) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception) { return false; }
    }
}
