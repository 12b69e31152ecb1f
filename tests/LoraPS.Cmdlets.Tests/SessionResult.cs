using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

/// <summary>Everything a script wrote.</summary>
internal sealed record SessionResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    ErrorRecord? Terminating,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<ProgressRecord> Progress)
{
    /// <summary>The output as lines of text.</summary>
    public IEnumerable<string> Lines => Output.Select(o => $"{o}");

    /// <summary>The only object written, after seeing that nothing went wrong.</summary>
    public PSObject Single()
    {
        AssertNoErrors();
        return Assert.Single(Output);
    }

    public void AssertNoErrors()
    {
        Assert.Null(Terminating?.ToString());
        Assert.Empty(Errors);
    }

    /// <summary>Sees that exactly one error that lets the pipeline go on was written.</summary>
    public void AssertError(string id, ErrorCategory category, object target)
    {
        Assert.Null(Terminating?.ToString());
        AssertRecord(Assert.Single(Errors), id, category, target);
    }

    /// <summary>Sees that the pipeline was ended by an error.</summary>
    public void AssertTerminated(string id, ErrorCategory category, object target)
    {
        Assert.NotNull(Terminating);
        AssertRecord(Terminating, id, category, target);
    }

    /// <summary>The value of a property of an object written.</summary>
    public static object? Value(PSObject item, string property) => item.Properties[property]?.Value;

    private static void AssertRecord(ErrorRecord record, string id, ErrorCategory category, object target)
    {
        Assert.Equal((id, category, target), (record.FullyQualifiedErrorId.Split(',')[0], record.CategoryInfo.Category, record.TargetObject));
    }
}
