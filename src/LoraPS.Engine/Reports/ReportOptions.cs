namespace LoraPS.Engine.Reports;

/// <summary>How a report is made.</summary>
public sealed record ReportOptions
{
    /// <summary>Heading of the page; null for the name of what it is of.</summary>
    public string? Title { get; init; }

    /// <summary>Most pictures of a data set that are shown; those left out are counted.</summary>
    /// <value>Default 60.</value>
    public int MaxPictures { get; init; } = 60;

    /// <summary>Replace a file at the destination.</summary>
    public bool Force { get; init; }
}
