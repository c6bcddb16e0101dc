namespace ExampleMlFarm.Farm.Output;

/// <summary>The shape of results.</summary>
public enum OutputFormat
{
    /// <summary>A table in a terminal, tabs in a pipe.</summary>
    Automatic,
    /// <summary>Aligned columns.</summary>
    Table,
    /// <summary>Tab-separated, header line, full values.</summary>
    Tsv,
    /// <summary>Exactly one JSON value.</summary>
    Json,
    /// <summary>One JSON object per line.</summary>
    Ndjson,
    /// <summary>Addresses only, one per line.</summary>
    Name,
}
