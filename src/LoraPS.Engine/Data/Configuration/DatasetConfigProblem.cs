namespace LoraPS.Engine.Data.Configuration;

/// <summary>Something wrong in a data set configuration.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">Characters from 1.</param>
/// <param name="Key">The key it is about; null when it is about the file.</param>
/// <param name="Message">What was found, what was expected, and what to do.</param>
/// <param name="IsUnsupported">True when sd-scripts can do what is asked, and this project cannot yet.</param>
public sealed record DatasetConfigProblem(int Line, int Column, string? Key, string Message, bool IsUnsupported = false)
{
    /// <summary>"line 3, column 5: …".</summary>
    public override string ToString() => $"line {Line}, column {Column}: {Message}";
}
