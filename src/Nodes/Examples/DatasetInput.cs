using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Examples;

/// <summary>Opens the data set that an option names. Its files lie in the content store under their hashes; here they get their names back.</summary>
public static class DatasetInput
{
    /// <summary>The open data set. It lies in the item's scratch folder as links, and is gone with the item.</summary>
    public static Dataset Open(CookContext cook, NodeInput option)
    {
        var item = cook.Input(option).Single();
        string folder = Path.Combine(cook.Scratch, $"dataset-{option.Node}");
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            foreach (var output in item.Outputs.Where(o => o.Tag.StartsWith("dataset/", StringComparison.Ordinal)))
                File.CreateSymbolicLink(Path.Combine(folder, output.Name), Path.GetFullPath(item.Path(output.Name)));
        }
        return Dataset.Open(folder);
    }
}
