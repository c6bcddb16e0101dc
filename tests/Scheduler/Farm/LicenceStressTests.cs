using ExampleMlFarm.Core.Farm;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Core.Plans;
using ExampleMlFarm.Core.Runs;
using ExampleMlFarm.Core.Wire;

namespace ExampleMlFarm.Tests.Scheduler.Farm;

/// <summary>
/// Farm and runs as machines, and between them messages that are late, lost, or answered after the asker died. Workers vanish, the farm forgets everything, runs are
/// reopened; at no moment do leases hold more licences than there are, and in the end every item is cooked.
/// </summary>
public class LicenceStressTests(ITestOutputHelper output)
{
    private const int Licences = 3, Runs = 4, Items = 2500, Workers = 8;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Licences_are_never_passed_although_messages_workers_and_farms_are_lost(int seed)
    {
        var world = new World(seed);
        long steps = 0;
        while (!world.IsOver && steps < 2_000_000)
        {
            world.Step();
            steps++;
            Assert.True(world.Held <= Licences, $"step {steps}: {world.Held} licences are held");
        }
        Assert.True(world.IsOver, $"not all items were cooked in {steps} steps");
        output.WriteLine($"{Runs * Items} items in {steps} steps; {world.LostWorkers} workers and {world.LostMessages} messages lost, {world.LostFarms} farms begun anew; {world.FullSteps * 100 / steps} % of the time all {Licences} were out");
    }

    private sealed class World
    {
        private readonly Random random;
        private readonly RunMachine[] runs = new RunMachine[Runs];
        private readonly long[] heeds = new long[Runs];
        private readonly int[] priorities = [0, 1, 0, 1];
        private readonly double[] told = new double[Runs];
        private readonly List<(int Due, Action Deliver)> messages = [];
        private readonly Dictionary<(int Run, long Lease), (WorkerId Worker, ItemRange Items)> cooking = [];
        private readonly HashSet<RunId> telling = [], again = [];
        private FarmMachine farm = new(1e9);
        private long life = 1, sequence;
        private int now;

        public World(int seed)
        {
            random = new Random(seed);
            var plan = new RunPlan([new("a", new ItemRule.Fixed(Items), []) { Batch = new BatchRule.Size(1), Resources = Resources.OneCore with { Custom = [new("nuke", 1)] } }]);
            for (int r = 0; r < Runs; r++)
            {
                runs[r] = new();
                runs[r].Handle(new RunSubmitted(At, plan));
                for (int w = 0; w < Workers; w++) runs[r].Handle(new WorkerJoined(At, Worker(w), new(2, new(64, 0, 0, []), [])));
                Carry(farm.Handle(new FarmEvent.RunActivated(new(r), priorities[r], "", At)));
            }
            Carry(farm.Handle(new FarmEvent.LicenceSet("nuke", Licences, At)));
        }

        public long LostWorkers { get; private set; }
        public long LostMessages { get; private set; }
        public long LostFarms { get; private set; }
        public long FullSteps { get; private set; }

        public double Held => runs.Sum(r => r.LicenceUse("nuke").Held);

        public bool IsOver => runs.All(r => r.IsFinished);

        private DateTimeOffset At => Start.AddSeconds(now);

        private static WorkerId Worker(int number) => new($"w{number}");

        public void Step()
        {
            now++;
            if (Held == Licences) FullSteps++;
            for (int i = messages.Count - 1; i >= 0; i--)
            {
                if (messages[i].Due > now) continue;
                var deliver = messages[i].Deliver;
                messages.RemoveAt(i);
                deliver();
            }
            int run = random.Next(Runs), dice = random.Next(10_000);
            if (dice < 20) LoseWorker(random.Next(Workers));
            else if (dice < 23) BeginFarmAnew();
            // Urgency changes all the time, so that licences have to move.
            else if (dice < 120 && farm.IsActive(new(run))) Carry(farm.Handle(new FarmEvent.RunActivated(new(run), priorities[run] = random.Next(3), "", At)));
            else if (dice < 5000) Send(runs[run].Handle(new LeasesRequested(At, Worker(random.Next(Workers)), 2)), run);
            else if (cooking.Keys.Where(c => c.Run == run).Take(1).ToList() is [var lease]) Report(lease);
            Demand(run);
            if (now % 50 == 0) Carry(farm.Handle(new FarmEvent.TimePassed(At)));
        }

        private void Send(RunOutcome outcome, int run)
        {
            foreach (var grant in outcome.Commands.OfType<GrantLease>()) cooking[(run, grant.Lease.Id.Value)] = (grant.Worker, grant.Lease.Items);
        }

        private void Report((int Run, long Lease) lease)
        {
            var (worker, items) = cooking[lease];
            cooking.Remove(lease);
            runs[lease.Run].Handle(new ResultsReported(At, worker, new(new(lease.Lease), ++sequence, [new(items, ResultKind.Succeeded, 1)], true)));
        }

        private void LoseWorker(int number)
        {
            LostWorkers++;
            var worker = Worker(number);
            foreach (var lease in cooking.Where(c => c.Value.Worker == worker).Select(c => c.Key).ToList()) cooking.Remove(lease);
            for (int r = 0; r < Runs; r++)
            {
                // Ended on purpose, or a thousand losses would make poison of the items.
                runs[r].Handle(new WorkerLost(At, worker, LossCause.Stopped));
                runs[r].Handle(new WorkerJoined(At, worker, new(2, new(64, 0, 0, []), [])));
            }
        }

        private void BeginFarmAnew()
        {
            LostFarms++;
            farm = new(1e9);
            life++;
            telling.Clear();
            again.Clear();
            farm.Handle(new FarmEvent.LicenceSet("nuke", Licences, At));
            for (int r = 0; r < Runs; r++)
            {
                if (runs[r].IsFinished) continue;
                farm.Handle(new FarmEvent.RunActivated(new(r), priorities[r], "", At));
                farm.Handle(new FarmEvent.RunExpected(new(r), At));
                told[r] = -1;
            }
        }

        // A run tells its wants when they change; now and then the message is lost.
        private void Demand(int run)
        {
            double wanted = Math.Min(1000, runs[run].LicenceUse("nuke").Wanted);
            if (runs[run].IsFinished)
            {
                if (told[run] != -2) Post(() => Carry(farm.Handle(new FarmEvent.RunEnded(new(run), At))));
                told[run] = -2;
                return;
            }
            if (wanted == told[run] && random.Next(200) > 0) return;
            told[run] = wanted;
            Post(() => Carry(farm.Handle(new FarmEvent.LicencesWanted(new(run), [new("nuke", wanted)], At))));
        }

        private void Carry(IReadOnlyList<FarmCommand> commands)
        {
            foreach (var tell in commands.OfType<FarmCommand.TellLicences>())
                if (!telling.Add(tell.Run)) again.Add(tell.Run);
                else Tell(tell.Run);
        }

        private void Tell(RunId run)
        {
            again.Remove(run);
            var (allowed, speaks, number) = (farm.LicencesOf(run), life, (int)run.Value);
            // Lost on the way there, lost on the way back, or answered.
            int fate = random.Next(100);
            int there = 1 + random.Next(20), back = there + 1 + random.Next(20);
            IReadOnlyList<KeyValuePair<string, double>> answer = [];
            if (fate >= 5)
                messages.Add((now + there, () =>
                {
                    if (speaks >= heeds[number] && allowed is not null) runs[number].Handle(new LicencesAllowed(At, allowed));
                    heeds[number] = Math.Max(heeds[number], speaks);
                    answer = runs[number].LicencesTaken;
                }));
            else LostMessages++;
            bool isAnswered = fate >= 10;
            if (fate is >= 5 and < 10) LostMessages++;
            messages.Add((now + back + (isAnswered ? 0 : 60), () =>
            {
                if (speaks != life) return;
                var commands = farm.Handle(isAnswered ? new FarmEvent.LicencesAnswered(run, answer, At) : new FarmEvent.LicencesUnanswered(run, At));
                telling.Remove(run);
                Carry(commands);
                if (again.Contains(run) && telling.Add(run)) Tell(run);
            }));
        }

        private void Post(Action deliver) => messages.Add((now + 1 + random.Next(10), deliver));
    }
}
