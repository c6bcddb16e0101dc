using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Nodes.Basics;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;
using ExampleMlFarm.Recipes.Planning;

namespace ExampleMlFarm.Tests.Nodes.Basics;

public sealed class CookingTests : IDisposable
{
    private readonly RecordedCook record = new();

    public void Dispose() => record.Dispose();

    private sealed record ShiftOptions
    {
        [Option("How far to the right")]
        public double Distance { get; init; } = 1;
    }

    private static NodeType Shift { get; } = NodeType.OfOperator<ShiftOptions>(NodeDescriptor.From<ShiftOptions>("shift", 1, "Moves points"),
        (options, geometry, _) => [.. geometry.Select(g => GeometryData.PointCloud([g.Positions[0] + (float)options.Distance, 0, 0]))]);

    private static GeometryData At(float x) => GeometryData.PointCloud([x, 0, 0]);

    [Fact]
    public void An_operator_as_a_node_puts_out_each_geometry_under_its_own_name()
    {
        var cook = record.Context(inputs: record.GeometryInput("from", 0, At(1), At(5)));
        Shift.Cook(new JsonObject { ["distance"] = 2.0 }, cook);
        Assert.True(Shift.Descriptor.IsOperator);
        Assert.Equal(["geometry", "geometry.1"], record.Geometry.Keys);
        Assert.Equal([3f, 7f], record.Geometry.Values.Select(g => g.Positions[0]));
    }

    [Fact]
    public void Inputs_that_options_name_are_not_what_a_node_works_on()
    {
        var cook = record.Context(inputs: [record.GeometryInput("capture", 0, At(9))]);
        Assert.Empty(cook.AllGeometry());
        Assert.Equal("node.no_input", Assert.Throws<FarmException>(() => cook.From).Failure.Code);
        Assert.Equal(9, cook.Input(new NodeInput("capture", 0)).Single().Geometry().Positions[0]);
    }

    [Fact]
    public void An_input_with_several_items_is_not_taken_for_one()
    {
        var cook = record.Context(inputs: record.GeometryInput("from", 0, At(1), At(5)));
        var failure = Assert.Throws<FarmException>(() => cook.From.Single()).Failure;
        Assert.Equal("node.input_count", failure.Code);
        Assert.Contains("2 items", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_output_is_named_with_those_there_are()
    {
        var cook = record.Context(inputs: record.FileInput("from", 0, ("model.onnx", "file/onnx", [1])));
        var item = cook.From.Single();
        Assert.Contains("'model.onnx'", Assert.Throws<FarmException>(() => item.Output("report")).Message, StringComparison.Ordinal);
        Assert.Equal("model.onnx", item.Output("file").Name);
    }

    [Fact]
    public void A_decoded_input_is_shared_by_the_items_that_follow()
    {
        var input = record.FileInput("capture", 0, ("c", "file", [1, 2, 3]));
        int decoded = 0;
        for (int item = 0; item < 3; item++)
            Assert.Equal(3, record.Context(item, inputs: input).Input("capture").Single().Load("c", path => { decoded++; return File.ReadAllBytes(path); }).Length);
        Assert.Equal(1, decoded);
    }

    [Fact]
    public void Random_numbers_depend_on_seed_node_item_and_stream_alone()
    {
        double first = record.Context(4, 7).Random("noise").Uniform(0);
        Assert.Equal(first, record.Context(4, 7).Random("noise").Uniform(0));
        Assert.NotEqual(first, record.Context(5, 7).Random("noise").Uniform(0));
        Assert.NotEqual(first, record.Context(4, 8).Random("noise").Uniform(0));
        Assert.NotEqual(first, record.Context(4, 7).Random("other").Uniform(0));
    }

    [Fact]
    public void A_pass_through_hands_on_outputs_without_touching_them()
    {
        PassThrough.Cook(record.Context(inputs: record.FileInput("from", 0, ("a", "file", [1]), ("b", "file", [2]))));
        Assert.Equal(["a", "b"], record.References.Select(r => r.Name));
    }

    [Fact]
    public void A_no_op_waits_and_fails_on_demand()
    {
        NoOp.Type.Cook([], record.Context());
        Assert.Equal("no_op.failed", Assert.Throws<FarmException>(() => NoOp.Type.Cook(new JsonObject { ["fail"] = true }, record.Context())).Failure.Code);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        Assert.Throws<OperationCanceledException>(() => NoOp.Type.Cook(new JsonObject { ["seconds"] = 60.0 }, record.Context(cancellation: stop.Token)));
    }

    [Fact]
    public void A_command_gets_paths_in_place_of_nodes_and_its_inputs_as_json()
    {
        var input = record.FileInput("mesh", 0, ("mesh.glb", "file/glb", [7]));
        var spec = new ItemSpec
        {
            Command = [new([new("blender", null)]), new([new("--mesh=", null), new(null, new NodeInput("mesh", 0))])],
            Outputs = [new("picture", "out.png")],
        };
        Command.Cook(spec, () => "{}", record.Context(inputs: input));
        var request = Assert.Single(record.Commands);
        Assert.Equal("blender", request.Words[0]);
        Assert.StartsWith("--mesh=/", request.Words[1], StringComparison.Ordinal);
        Assert.Equal(new("picture", "out.png"), Assert.Single(request.Outputs));
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) request.InputsJson!(writer);
        var json = JsonNode.Parse(stream.ToArray())!;
        Assert.Equal("file/glb", json["mesh"]![0]!["outputs"]!["mesh.glb"]!["tag"]!.GetValue<string>());
    }

    [Fact]
    public void Every_type_of_the_catalogue_is_described_and_found()
    {
        foreach (var type in Catalogue.All)
        {
            Assert.Same(type, Catalogue.Get(type.Descriptor.Name));
            Assert.NotEmpty(type.Descriptor.Summary);
            Assert.NotEmpty(type.Descriptor.Family);
            Assert.NotEmpty(type.Descriptor.Example);
        }
    }
}
