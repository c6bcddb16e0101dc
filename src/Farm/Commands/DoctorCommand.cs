using System.CommandLine;
using ExampleMlFarm.Farm.Looks;
using ExampleMlFarm.Farm.Output;
using ExampleMlFarm.Farm.Projects;

namespace ExampleMlFarm.Farm.Commands;

/// <summary><c>mlfarm doctor</c>: what this machine and this folder can do, and what to do about what they cannot.</summary>
internal static class DoctorCommand
{
    private static readonly Column<Finding>[] Columns =
    [
        new("check", f => f.Check), new("result", f => f.Result.ToString().ToLowerInvariant(), f => f.Result switch { Health.Ok => "● ok", Health.Warning => "▲ warning", _ => "✕ problem" }),
        new("found", f => f.Found), new("advice", f => f.Advice, f => f.Advice ?? "", Heading: "WHAT TO DO"),
    ];

    public static Command Create()
    {
        var onnx = new Option<bool>("--load-onnx") { Description = "Only load ONNX Runtime and say its version.", Hidden = true };
        var torch = new Option<bool>("--load-torch") { Description = "Only load libtorch and say its version.", Hidden = true };
        var command = new Command("doctor", "Checks libraries, disk, machine and the farm of this folder.\nExample: mlfarm doctor --json") { onnx, torch };
        command.SetAction(async (invocation, cancellation) =>
        {
            if (invocation.Parsed.GetValue(onnx) || invocation.Parsed.GetValue(torch))
            {
                var (loaded, text) = invocation.Parsed.GetValue(onnx) ? NativeParts.LoadOnnxRuntime() : NativeParts.LoadTorch();
                invocation.Terminal.Out.WriteLine(text);
                return loaded ? ExitCode.Success : ExitCode.Invalid;
            }
            string folder = Globals.FolderOf(invocation.Parsed);
            var findings = new List<Finding>(MachineChecks.All(folder, invocation.Time));
            findings.AddRange(await ProgramChecks.All(cancellation));
            findings.AddRange(FarmChecks.All(ProjectFolder.Find(folder)));
            if (!invocation.Terminal.ShowsTable(invocation.Format))
                TableWriter.Write(invocation.Terminal, invocation.Format, Columns, findings, f => f.Check, findings.Count, "checks");
            else
                foreach (var finding in findings)
                {
                    string prefix = $"  {Columns[1].Text!(finding),-9}  {finding.Check.PadRight(findings.Max(f => f.Check.Length))}  ";
                    foreach (string line in Wrapping.Lines(prefix, finding.Found, invocation.Terminal.Width)) invocation.Terminal.Out.WriteLine(line);
                    if (finding.Advice is not { } advice) continue;
                    foreach (string line in Wrapping.Lines($"{new string(' ', prefix.Length)}→ ", advice, invocation.Terminal.Width)) invocation.Terminal.Out.WriteLine(line);
                }
            int problems = findings.Count(f => f.Result == Health.Problem), warnings = findings.Count(f => f.Result == Health.Warning);
            invocation.Hint(problems + warnings == 0 ? "everything is fine" : $"{problems} {(problems == 1 ? "problem" : "problems")}, {warnings} {(warnings == 1 ? "warning" : "warnings")}");
            return problems == 0 ? ExitCode.Success : ExitCode.Invalid;
        });
        return command;
    }
}
