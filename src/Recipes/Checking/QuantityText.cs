namespace ExampleMlFarm.Recipes.Checking;

/// <summary>Amounts with units outside recipes, such as on the command line, in the words that recipes use.</summary>
public static class QuantityText
{
    /// <summary>Seconds of a text such as <c>30s</c>, <c>10m</c> or <c>2h</c>; null when it is none, negative, or longer than a year.</summary>
    public static double? Seconds(string text) => Quantities.Seconds(text) is <= 366 * 86_400d and var seconds ? seconds : null;

    /// <summary>Bytes of a text such as <c>512 MB</c>, <c>8 GiB</c> or a plain number; null when it is none, negative, or too large to be meant.</summary>
    public static long? Bytes(string text) => Quantities.Bytes(text) is < 1L << 60 and var bytes ? (long)bytes : null;
}
