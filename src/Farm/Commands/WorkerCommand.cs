using System.CommandLine;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Workers.Processes;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm worker start</c>: what the farm starts for itself, and what a person may start to lend more cores to a folder's farm.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var slots = new Option<int>("--slots") { Description = "Items cooked at once.", DefaultValueFactory = _ => 1 };
        var pool = new Option<string>("--pool") { Description = "Pool it belongs to; * is every pool, empty the items that name none.", DefaultValueFactory = _ => "" };
        var memory = new Option<long>("--memory") { Description = "Bytes of memory it may use; 0 = not stated.", DefaultValueFactory = _ => 0 };
        var cpu = new Option<double>("--cpu") { Description = "Cores it may use; one for each slot unless given.", DefaultValueFactory = _ => 0 };
        var gpu = new Option<double>("--gpu") { Description = "GPUs it may use.", DefaultValueFactory = _ => 0 };
        var parent = new Option<int>("--parent") { Description = "Process with which it ends.", DefaultValueFactory = _ => 0, Hidden = true };
        var start = new Command("start", "Starts a worker for the farm of this folder, until the farm ends.\nExample: mlfarm worker start --slots 4") { slots, pool, cpu, gpu, memory, parent };
        start.SetAction(async (parsed, _) => await WorkerMain.Run(new WorkerStart(Globals.FolderOf(parsed), parsed.GetValue(slots))
        {
            Pool = parsed.GetValue(pool)!,
            Cpu = parsed.GetValue(cpu),
            Gpu = parsed.GetValue(gpu),
            MemoryBytes = parsed.GetValue(memory),
            Parent = parsed.GetValue(parent),
        }));
        return new Command("worker", "Workers of the farm.\nExample: mlfarm worker start --slots 4") { start };
    }
}
