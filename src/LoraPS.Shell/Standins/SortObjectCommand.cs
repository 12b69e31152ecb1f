using System.Management.Automation;

namespace LoraPS.Shell.Standins;

/// <summary>Stand-in for Sort-Object; always stable.</summary>
[Cmdlet("Sort", "Object")]
public sealed class SortObjectCommand : PSCmdlet
{
    private static readonly Comparer<object?> AnyValues = Comparer<object?>.Create(Compare);

    private readonly List<PSObject> _items = [];

    /// <summary>The objects to sort.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Properties to sort by, the first one first; the objects themselves if not given.</summary>
    [Parameter(Position = 0)]
    public object[] Property { get; set; } = [];

    /// <summary>Sort from the greatest to the least.</summary>
    [Parameter]
    public SwitchParameter Descending { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is not null)
            _items.Add(InputObject);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Func<PSObject, object?>[] keys = Property is [] ? [item => item] : [.. Property.Select(PropertyGetter.From).Select<PropertyGetter, Func<PSObject, object?>>(p => p.Value)];
        IEnumerable<PSObject> sorted = _items;
        // Stable sorts by the last key first make the first key count most.
        foreach (var key in keys.Reverse())
            sorted = Descending ? sorted.OrderByDescending(key, AnyValues) : sorted.OrderBy(key, AnyValues);
        WriteObject(sorted, enumerateCollection: true);
    }

    private static int Compare(object? first, object? second) =>
        LanguagePrimitives.TryCompare(first, second, ignoreCase: true, out var order)
            ? order
            : StringComparer.CurrentCultureIgnoreCase.Compare($"{first}", $"{second}");
}
