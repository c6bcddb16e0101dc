using System.Numerics;
using System.Text.Json.Nodes;
using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Nodes;
using ExampleMlFarm.Tests.Nodes.Basics;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>The matrix [[4, 1, 0], [2, 5, 1], [0, 1, 3]] in every encoding, x = (1, −2, 3) and b = A x = (2, −5, 7).</summary>
public sealed class LinearSolverNodeTests
{
    private static readonly double[] A = [4, 1, 0, 2, 5, 1, 0, 1, 3], X = [1, -2, 3], B = [2, -5, 7];

    public static TheoryData<string, string> Encodings => new()
    {
        { "points row", "{}" },
        { "points column", """{ "encoding": "dense_col_major" }""" },
        { "volume row", """{ "matrix_storage": "volume" }""" },
        { "volume column", """{ "matrix_storage": "volume", "encoding": "dense_col_major" }""" },
        { "primitives row", """{ "matrix_storage": "primitives" }""" },
        { "detail row", """{ "matrix_storage": "detail" }""" },
        { "coo", """{ "encoding": "coo" }""" },
        { "lil row", """{ "encoding": "lil_row_major" }""" },
        { "lil column", """{ "encoding": "lil_col_major" }""" },
    };

    [Theory, MemberData(nameof(Encodings))]
    public void Every_encoding_is_solved_and_multiplied_by_every_family(string which, string options)
    {
        foreach (string family in (string[])["automatic", "dense_direct", "sparse_direct", "iterative"])
        {
            var (solved, cook) = Cook(With(options, ("solver", family), ("precision", "bits64")), Matrix(which), Vectors());
            Near(X, Values(solved, "x"), 1e-7);
            Assert.Equal(1, solved.Find(AttributeClass.Detail, "solver_converged")!.Int32[0]);
            Assert.InRange(solved.Find(AttributeClass.Detail, "solver_residual")!.Float64[0], 0, 1e-8);
            Assert.Equal(1, cook.Metrics.Single(m => m.Name == "converged").Value);
        }
        var (product, _) = Cook(With(options, ("mode", "multiply"), ("vector_source_attr", "truth")), Matrix(which), Vectors());
        Near(B, Values(product, "x"), 1e-6);
    }

    [Theory]
    [InlineData("points row", "dense_direct_solver", "partial_piv_lu", "full_piv_lu", "householder_qr", "col_piv_householder_qr", "full_piv_householder_qr", "complete_orthogonal_decomposition", "bdc_svd", "jacobi_svd")]
    [InlineData("coo", "sparse_direct_solver", "lu", "qr")]
    public void Factors_that_lie_in_geometry_solve_what_the_matrix_solves(string which, string option, params string[] methods)
    {
        foreach (string method in methods)
        {
            string encoding = which == "coo" ? """{ "encoding": "coo" }""" : "{}";
            var (factors, cook) = Cook(With(encoding, ("mode", "decompose"), (option, method)), Matrix(which));
            Assert.Equal(3, cook.Metrics.Single(m => m.Name == "rank").Value);
            using var solver = new RecordedCook();
            var json = With("{}", ("mode", "solve_with_decomposition"), ("precision", "bits64"));
            json["decomposition"] = new JsonObject { ["$node"] = "factors", ["dependency"] = 1L };
            Catalogue.Get("linear_solver").Cook(json, solver.Context(inputs: [solver.GeometryInput("from", 0, Vectors()), solver.GeometryInput("factors", 1, factors)]));
            Near(X, Values(solver.Geometry["geometry"], "x"), 1e-10);
        }
    }

    [Fact]
    public void Damaged_factors_are_refused_and_never_crash()
    {
        var (factors, _) = Cook(With("""{ "encoding": "coo" }""", ("mode", "decompose"), ("sparse_direct_solver", "qr")), Matrix("coo"));
        Gen.Select(Gen.Int[0, factors.PrimitiveCount - 1], Gen.Int[0, 40], Gen.Int, Gen.Int[0, 3]).Sample((array, at, value, how) =>
        {
            var packed = factors.Packed(array).Geometry;
            var old = packed.Find(AttributeClass.Point, "value")!;
            var changed = how switch
            {
                0 => packed.Without(AttributeClass.Point, "value"),
                1 => packed.WithDetail("name", AttributeValues.Of(["other"])),
                2 when old.Type == AttributeType.Int32 && old.Length > 0 => packed.With(AttributeClass.Point, "value", AttributeValues.Of([.. old.Int32.ToArray().Select((v, i) => i == at % old.Length ? value : v)])),
                _ => GeometryData.PointCloud(new float[3 * at]).With(AttributeClass.Point, "value", AttributeValues.Of(new int[at])).WithDetail("name", packed.Find(AttributeClass.Detail, "name")!),
            };
            var damaged = factors.WithPacked(array, new PackedPrimitive(changed));
            using var solver = new RecordedCook();
            var json = With("{}", ("mode", "solve_with_decomposition"));
            json["decomposition"] = new JsonObject { ["$node"] = "factors", ["dependency"] = 1L };
            try { Catalogue.Get("linear_solver").Cook(json, solver.Context(inputs: [solver.GeometryInput("from", 0, Vectors()), solver.GeometryInput("factors", 1, damaged)])); }
            catch (FarmException e) { Assert.StartsWith("solver.", e.Failure.Code, StringComparison.Ordinal); }
        }, iter: 500, threads: 1);
    }

    [Fact]
    public void Pinned_unknowns_keep_their_value_with_their_rows_or_without()
    {
        // The second unknown is held at 10: the first and last equations, or all three in the least squares sense.
        var vectors = Vectors().With(AttributeClass.Point, "x", AttributeValues.Of([0.0, 10, 0])).WithGroup(AttributeClass.Point, "held", ElementGroup.Of([1]));
        var (reduced, _) = Cook(With("{}", ("pinned_group", "held"), ("precision", "bits64")), Matrix("points row"), vectors);
        Near([-2, 10, -1], Values(reduced, "x"), 1e-12);
        var (whole, _) = Cook(With("""{ "reduce_rows": false }""", ("pinned_group", "held"), ("dense_direct_solver", "col_piv_householder_qr"), ("precision", "bits64")), Matrix("points row"), vectors);
        // (4 0; 2 1; 0 3) y = (−8; −55; −3): normal equations 20 y₁ + 2 y₂ = −142, 2 y₁ + 10 y₂ = −64.
        Near([-(1420.0 - 128) / 196, 10, -(1280.0 - 284) / 196], Values(whole, "x"), 1e-10);
        Assert.Equal(10, Values(whole, "x")[1]);
    }

    [Fact]
    public void Guess_scale_and_accumulation_do_what_they_say()
    {
        var vectors = Vectors().With(AttributeClass.Point, "x", AttributeValues.Of((double[])X.Clone()));
        var (guessed, _) = Cook(With("""{ "solve_with_guess": true }""", ("solver", "iterative")), Matrix("points row"), vectors);
        Assert.Equal(0, guessed.Find(AttributeClass.Detail, "solver_iterations")!.Int32[0]);
        var (added, _) = Cook(JsonNode.Parse("""{ "scale": -2, "accumulate_result": true, "precision": "bits64" }""")!.AsObject(), Matrix("points row"), vectors);
        Near([.. X.Select(v => -v)], Values(added, "x"), 1e-12);
    }

    [Fact]
    public void Each_component_of_a_tuple_is_a_right_hand_side_and_precision_is_kept()
    {
        float[] tuples = [2, 4, -5, -10, 7, 14];
        var vectors = GeometryData.PointCloud(new float[9]).With(AttributeClass.Point, "b", AttributeValues.Of(tuples, 2));
        var (solved, _) = Cook([], Matrix("points row"), vectors);
        var x = solved.Require(AttributeClass.Point, "x", AttributeType.Float32, 2);
        Near([1, 2, -2, -4, 3, 6], x.ToFloat64(), 1e-6);
        Assert.Equal(AttributeType.Float64, Cook([], Matrix("points row"), Vectors()).Geometry.Find(AttributeClass.Point, "x")!.Type);
    }

    [Fact]
    public void Eigenpairs_come_as_points_that_the_matrix_scales()
    {
        var (pairs, cook) = Cook(With("""{ "num_eigen_pairs": 2 }""", ("mode", "decompose"), ("solver", "eigenpairs"), ("eigen_solver", "gen_eigs")), Matrix("coo"), options: """{ "encoding": "coo" }""");
        double[] values = pairs.Require(AttributeClass.Point, "eigenvalue", AttributeType.Float64, 2).ToFloat64(), vectors = pairs.Require(AttributeClass.Point, "x", AttributeType.Float64, 2).ToFloat64();
        Assert.Equal(6, pairs.PointCount);
        Assert.Equal(1, cook.Metrics.Single(m => m.Name == "converged").Value);
        for (int p = 0; p < 2; p++)
            for (int i = 0; i < 3; i++)
                Assert.Equal(values[6 * p] * vectors[2 * (3 * p + i)], Enumerable.Range(0, 3).Sum(j => A[3 * i + j] * vectors[2 * (3 * p + j)]), 1e-9);
        Assert.True(values[0] > values[6] && values[1] == 0);
    }

    [Theory]
    [InlineData("points row", """{ "rows": 2 }""", "solver.matrix", "9 numbers")]
    [InlineData("points row", """{ "matrix_value_attr": "none" }""", "geometry.attribute_missing", "none")]
    [InlineData("coo", """{ "encoding": "coo", "rows": 2, "cols": 2 }""", "solver.matrix", "outside a matrix of 2 x 2")]
    [InlineData("points row", """{ "vector_source_attr": "short" }""", "geometry.attribute_missing", "short")]
    [InlineData("points row", """{ "cols": 1, "square_matrix": false }""", "solver.size", "the matrix has 9 rows")]
    [InlineData("points row", """{ "solver": "eigenpairs" }""", "solver.option", "mode: decompose")]
    [InlineData("points row", """{ "mode": "solve_with_decomposition" }""", "solver.factors", "needs 'decomposition")]
    [InlineData("points row", """{ "dense_direct_solver": "llt" }""", "solver.matrix", "not symmetric")]
    [InlineData("points row", """{ "pinned_group": "gone" }""", "solver.pins", "no group 'gone'")]
    [InlineData("points row", """{ "mode": "decompose", "solver": "iterative" }""", "solver.option", "does not decompose")]
    [InlineData("singular", "{}", "solver.singular", "rank-revealing")]
    [InlineData("not finite", "{}", "solver.matrix", "is NaN")]
    public void What_cannot_be_solved_is_refused_with_what_is_needed(string which, string options, string code, string says)
    {
        var matrix = which switch { "singular" => Points(new double[9]), "not finite" => Points([1, double.NaN, 0, 0]), _ => Matrix(which) };
        var failure = Assert.Throws<FarmException>(() => Cook(JsonNode.Parse(options)!.AsObject(), matrix, Vectors())).Failure;
        Assert.Equal(code, failure.Code);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }

    private static (GeometryData Geometry, RecordedCook Cook) Cook(JsonObject json, GeometryData matrix, GeometryData? vectors = null, string options = "{}")
    {
        foreach (var (name, value) in JsonNode.Parse(options)!.AsObject()) json[name] = value!.DeepClone();
        using var cook = new RecordedCook();
        var inputs = new List<ExampleMlFarm.Nodes.Cooking.CookInput> { cook.GeometryInput("from", 0, matrix) };
        if (vectors is not null)
        {
            json["vector"] = new JsonObject { ["$node"] = "vectors", ["dependency"] = 1L };
            inputs.Add(cook.GeometryInput("vectors", 1, vectors));
        }
        Catalogue.Get("linear_solver").Cook(json, cook.Context(inputs: [.. inputs]));
        return (Assert.Single(cook.Geometry).Value, cook);
    }

    private static JsonObject With(string json, params (string Name, string Value)[] more)
    {
        var all = JsonNode.Parse(json)!.AsObject();
        foreach (var (name, value) in more) all[name] = value;
        return all;
    }

    private static GeometryData Matrix(string which)
    {
        bool column = which.EndsWith("column", StringComparison.Ordinal);
        double[] dense = column ? [.. Enumerable.Range(0, 9).Select(i => A[i % 3 * 3 + i / 3])] : A;
        float[] floats = [.. dense.Select(v => (float)v)];
        switch (which.Split(' ')[0])
        {
            case "volume": return GeometryData.OfVolume(new Volume("value", (3, 3, 1), Matrix4x4.Identity, AttributeValues.Of(floats)));
            case "primitives":
                return GeometryData.Mesh(new float[81], [.. Enumerable.Range(0, 27)]).With(AttributeClass.Primitive, "value", AttributeValues.Of(dense));
            case "detail": return GeometryData.Empty.WithDetail("value", AttributeValues.Of(dense, 9));
            case "coo":
            {
                // Backwards, and one entry in two parts.
                int[] at = [.. Enumerable.Range(0, 9).Where(i => A[i] != 0).Reverse(), 0];
                return Points([.. at.SkipLast(1).Select(i => i == 0 ? 1 : A[i]), 3]).With(AttributeClass.Point, "row", AttributeValues.Of([.. at.Select(i => i / 3)]))
                    .With(AttributeClass.Point, "col", AttributeValues.Of([.. at.Select(i => (long)(i % 3))]));
            }
            case "lil":
            {
                // Each line holds its entries and what is left over of its three places.
                int[] indices = [.. dense.Select((v, i) => v == 0 ? -1 : i % 3)];
                return GeometryData.PointCloud(new float[9]).With(AttributeClass.Point, "value", AttributeValues.Of(dense, 3)).With(AttributeClass.Point, column ? "row" : "col", AttributeValues.Of(indices, 3));
            }
            default: return Points(dense);
        }
    }

    private static GeometryData Points(double[] values) => GeometryData.PointCloud(new float[3 * values.Length]).With(AttributeClass.Point, "value", AttributeValues.Of(values));

    private static GeometryData Vectors() => GeometryData.PointCloud(new float[9]).With(AttributeClass.Point, "b", AttributeValues.Of((double[])B.Clone())).With(AttributeClass.Point, "truth", AttributeValues.Of((double[])X.Clone()));

    private static double[] Values(GeometryData geometry, string name) => geometry.Require(AttributeClass.Point, name).ToFloat64();

    private static void Near(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }
}
