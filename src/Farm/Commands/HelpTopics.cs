using System.Text;
using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Recipes.Attributes;
using ExampleMlFarm.Recipes.Expressions;
using ExampleMlFarm.Recipes.Library;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>Pages about what several commands share. Lists in them come from the program itself.</summary>
internal static class HelpTopics
{
    public static readonly IReadOnlyDictionary<string, Func<string>> All = new Dictionary<string, Func<string>>(StringComparer.Ordinal)
    {
        ["exit-codes"] = () => ExitCodes,
        ["addresses"] = () => Addresses,
        ["expressions"] = Expressions,
        ["environment"] = () => Environment,
        ["recipes"] = Recipes,
    };

    private const string ExitCodes = """
        Exit status of mlfarm

           0   success; a run that was waited for succeeded
           1   unexpected error
           2   wrong usage; also when --yes is needed because nobody can be asked
           3   recipe, configuration or data invalid: check and dataset verify found something, doctor found a problem
           4   not signed in
           5   address not found
          10   the run finished with failed items beyond what the recipe allows
          11   the run was cancelled
          12   --timeout reached; the run continues
          13   left with Ctrl+C; the run continues, or waits for mlfarm resume where it ran in this command
          14   a require: check does not hold
          20   the farm cannot be reached, or nothing works on the run

        """;

    private static string Addresses => $"""
        Addresses name runs, nodes and items; the same text works in every command

          142, last                         a run; the newest one
          142/simulate                      a node
          142/simulate/17                   an item (index in its node, from 0); 17.2 = its second attempt
          142/simulate/10-40:2              a range, ends included, with a step; 3,7,10-12 a list
          142@failed                        everything in a state
          142/simulate@failed,lost          the same in one node
          142/trial?lr>1e-3&val/rmse<0.1    a query on attributes, metrics and fields (quote it)

        States       {string.Join(", ", AddressParser.StateWords.Keys)}
                     done = succeeded or cached
        Comparisons  =  !=  <  <=  >  >=      numbers compare as numbers, everything else as text
        Fields       {string.Join(", ", Looks.ItemFields.Names)}

        retry and skip of a run or node mean its failed items; cancel of a node means what is open.
        An address with items, states or a query is taken as it is. skip, cancel and artifacts rm ask when
        they touch more than one item; where nobody can be asked they want --yes. --dry-run only says
        what would be touched.

        """;

    private const string Environment = """
        Environment of mlfarm

          MLFARM_URL       address of the farm: as --url
          MLFARM_TOKEN     key for it; else the one that mlfarm auth login kept
          MLFARM_DATABASE  PostgreSQL of the farm's servers: as --database of mlfarm server start
          MLFARM_OUTPUT    table, tsv, json, ndjson or name: as --output
          NO_COLOR         no colour, whatever its value
          MLFARM_LIBTORCH  folder with libtorch.so of libtorch 2.10

        Environment of commands that items run

          MLFARM_RUN, MLFARM_NODE, MLFARM_INDEX, MLFARM_ATTEMPT
          MLFARM_<NAME>   each attribute of the item, in capitals: MLFARM_RADIUS; lists as JSON
          MLFARM_ITEM     path of a JSON file: attributes, inputs with the paths of their files, outputs

          attempt, index, item, mark, node and run cannot name an attribute. An attribute of such a name that
          comes with a result, and the second of two that differ in capitals alone, are in MLFARM_ITEM only.

        What a command may print

          mlfarm: {"metric": "loss", "step": 12, "value": 0.31}      a point of a curve; without step a result
          openjd_progress: 40      openjd_status: text      openjd_fail: why
          everything else is its log: mlfarm logs

        """;

    private static string Expressions()
    {
        var text = new StringBuilder("""
            Expressions stand in ${{ … }} and are typed, finite and without side effects; the notation is Python's

              params.poses     item.radius     nodes.capture     metrics.gain     a if c else b     [x * 2 for x in [1, 2] if x > 1]
              + - * / // % **     == != < <= > >=     and or not     in     [list][0]     "text"

            Functions


            """.Replace("\r", ""));
        int width = FunctionLibrary.All.Max(f => f.Signature.Length);
        foreach (var function in FunctionLibrary.All) text.Append($"  {function.Signature.PadRight(width)}  {function.Doc}\n");
        text.Append("\nDistributions, for attributes: every item draws its own value, which follows from seed, node, index and name\n\n");
        width = Distributions.All.Max(d => d.Signature.Length);
        foreach (var distribution in Distributions.All) text.Append($"  {distribution.Signature.PadRight(width)}  {distribution.Doc}\n");
        return text.ToString();
    }

    private static string Recipes() => $"""
        A recipe is a YAML file: parameters, nodes, outputs. Each node makes items; each item is cooked once and kept

          recipe: 1
          name: sweep
          params:  {"{"} count: {"{"} type: int, default: 8 {"}"} {"}"}
          nodes:
            draw:
              generate: ${"{{"} params.count {"}}"}
              attributes: {"{"} radius: "uniform(0.5, 2)" {"}"}
              run: echo ${"{{"} item.radius {"}}"} > r.txt
              out: {"{"} r: r.txt {"}"}
          outputs: {"{"} radii: "${"{{"} nodes.draw {"}}"}" {"}"}

        Where items come from    generate, from, each, wedge, collect, frames
        What an item does        uses + with (mlfarm node ls), steps, run + out
        Files of a command       a bare word of run: that is a file beside the recipe (run: python3 step.py) means that file; elsewhere ${"{{"} file("step.py") {"}}"}.
                                 Such files belong to the cook key and are kept as they are at submit; editing them never changes a run.
        How it is cooked         batch, resources, pool, max_parallel, priority, retry, timeout, allow_failed, cache, seed, metric, require

        Pools                    The workers that mlfarm run starts serve every pool; mlfarm worker start --pool NAME serves one.

        Shipped recipes          {string.Join(", ", RecipeLibrary.Names)}      write one out: mlfarm init --from NAME
        Check one                mlfarm check FILE      mlfarm plan FILE
        In an editor             mlfarm schema recipe > .mlfarm/recipe.schema.json

        """;
}
