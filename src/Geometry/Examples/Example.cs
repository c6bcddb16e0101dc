using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Examples;

/// <summary>
/// Makes and takes apart single examples. A labeled example is one packed primitive in the group
/// <see cref="LabeledGroup"/> that embeds exactly two packed primitives, input and target; an unlabeled one is a packed
/// primitive outside that group. Knows nothing of what the components mean.
/// </summary>
public static class Example
{
    public const string LabeledGroup = "labeledexamples";

    /// <summary>A collection of one labeled example, or an empty geometry and the reason.</summary>
    public static ExampleResult Labeled(GeometryData input, GeometryData target, ExampleOptions? options = null)
    {
        options ??= ExampleOptions.Default;
        var packedInput = AsPacked(input, options.InputIsPacked, "input");
        var packedTarget = AsPacked(target, options.TargetIsPacked, "target");
        if (WhyInvalid(packedInput, "input", options.InputValidityAttribute, options.CheckFinite) is { } badInput)
            return new(GeometryData.Empty, badInput);
        if (WhyInvalid(packedTarget, "target", options.TargetValidityAttribute, options.CheckFinite) is { } badTarget)
            return new(GeometryData.Empty, badTarget);
        return new(AsLabeled(GeometryData.Collection([packedInput, packedTarget])), null);
    }

    /// <summary>A collection of one unlabeled example, or an empty geometry and the reason.</summary>
    public static ExampleResult Unlabeled(GeometryData input, ExampleOptions? options = null)
    {
        options ??= ExampleOptions.Default;
        var packed = AsPacked(input, options.InputIsPacked, "input");
        return WhyInvalid(packed, "input", options.InputValidityAttribute, options.CheckFinite) is { } bad
            ? new(GeometryData.Empty, bad)
            : new(GeometryData.Collection([packed]), null);
    }

    /// <summary>Input and target component of a geometry that holds one labeled example and nothing else.</summary>
    /// <exception cref="FarmException"><c>example.not_single</c>, <c>example.not_labeled</c> or <c>example.malformed</c>.</exception>
    public static (GeometryData Input, GeometryData Target) Decompose(
        GeometryData example, bool keepInputPacked = false, bool keepTargetPacked = false)
    {
        if (example.PrimitiveCount != 1)
            throw FarmException.Invalid("example.not_single",
                $"Decomposing needs one example, not {example.PrimitiveCount} primitives. Extract one of them first.");
        return Decompose(example, 0, keepInputPacked, keepTargetPacked);
    }

    /// <summary>Input and target component of example <paramref name="index"/> of a collection.</summary>
    /// <exception cref="FarmException"><c>example.not_labeled</c> or <c>example.malformed</c>, naming the index.</exception>
    public static (GeometryData Input, GeometryData Target) Decompose(
        GeometryData collection, int index, bool keepInputPacked = false, bool keepTargetPacked = false)
    {
        var packed = collection.Packed(index);
        if (collection.FindGroup(AttributeClass.Primitive, LabeledGroup)?.Contains(index) != true)
            throw FarmException.Invalid("example.not_labeled",
                $"Example {index} is not in the primitive group '{LabeledGroup}', so it has no target. Make it with an input and a target.");
        var pair = GeometryTransform.Unpack(packed);
        if (pair.PrimitiveCount != 2 || !pair.Topology.ConsistsOf(PrimitiveKind.Packed))
            throw FarmException.Invalid("example.malformed",
                $"Labeled example {index} embeds {pair.PrimitiveCount} primitives; it must embed exactly two packed ones, input and target.");
        return (Component(pair, 0, keepInputPacked), Component(pair, 1, keepTargetPacked));
    }

    /// <summary>A collection of one labeled example from its embedded pair.</summary>
    internal static GeometryData AsLabeled(GeometryData pair) =>
        GeometryData.Pack(pair).WithGroup(AttributeClass.Primitive, LabeledGroup, ElementGroup.All(1));

    private static GeometryData Component(GeometryData pair, int index, bool keepPacked) => keepPacked
        ? GeometryData.Collection([pair.Packed(index)])
        : GeometryTransform.Unpack(pair.Packed(index));

    private static PackedPrimitive AsPacked(GeometryData component, bool isPacked, string which)
    {
        if (!isPacked) return new(component);
        if (component.PrimitiveCount == 1 && component.Topology.ConsistsOf(PrimitiveKind.Packed)) return component.Packed(0);
        throw FarmException.Invalid("example.not_packed",
            $"The {which} component is said to be packed, but has {component.PrimitiveCount} primitives"
            + $"{(component.PrimitiveCount == 1 ? $" of kind {component.Topology.Kinds[0]}" : "")}; it must be one packed primitive.");
    }

    private static string? WhyInvalid(PackedPrimitive component, string which, string validityAttribute, bool checkFinite)
    {
        var geometry = component.Geometry;
        if (geometry.Find(AttributeClass.Detail, validityAttribute) is { } validity)
        {
            if (validity.Type is not (AttributeType.Int32 or AttributeType.Int64) || validity.TupleSize != 1)
                throw FarmException.Invalid("example.validity_type",
                    $"The validity attribute '{validityAttribute}' of the {which} component is {validity}; it must be one integer.");
            if (validity.ToFloat64()[0] == 0) return $"the {which} component is marked invalid by its detail attribute '{validityAttribute}'";
        }
        return checkFinite && NonFinite.Find(geometry) is { } where ? $"the {which} component has {where}" : null;
    }
}
