using System.Management.Automation;

namespace LoraPS.Shell.Standins;

/// <summary>Stand-in for Select-Object.</summary>
[Cmdlet(VerbsCommon.Select, "Object")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private readonly Queue<PSObject> _last = new();
    private PropertyGetter[] _properties = [];
    private int _seen;

    /// <summary>The objects to choose from.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Properties to copy into a new object.</summary>
    [Parameter(Position = 0)]
    public object[] Property { get; set; } = [];

    /// <summary>Property whose value to write instead of the object.</summary>
    [Parameter]
    public string? ExpandProperty { get; set; }

    /// <summary>How many to write from the beginning; then the commands before this one are ended.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>How many to write from the end.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Last { get; set; }

    /// <summary>How many to leave out at the beginning.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _properties = [.. Property.Select(PropertyGetter.From)];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is null || _seen++ < Skip)
            return;
        if (Last is { } last)
            Remember(InputObject, last);
        else if (First is null || _seen <= Skip + First)
            WriteSelected(InputObject);
        if (First is not null && Last is null && _seen >= Skip + First)
            throw EngineInternals.StopUpstream(this);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (var item in _last)
            WriteSelected(item);
    }

    private void Remember(PSObject item, int count)
    {
        _last.Enqueue(item);
        if (_last.Count > count)
            _last.Dequeue();
    }

    private void WriteSelected(PSObject item)
    {
        if (ExpandProperty is not null)
            WriteExpanded(item);
        else
            WriteObject(_properties is [] ? item : Project(item));
    }

    private void WriteExpanded(PSObject item)
    {
        if (item.Properties[ExpandProperty] is { } property)
            WriteObject(property.Value, enumerateCollection: true);
        else
            WriteError(new ErrorRecord(new PSArgumentException($"Property '{ExpandProperty}' cannot be found."), "ExpandPropertyNotFound", ErrorCategory.InvalidArgument, item));
    }

    private PSObject Project(PSObject item)
    {
        var selected = new PSObject();
        selected.TypeNames.Insert(0, "Selected." + item.TypeNames[0]);
        foreach (var property in _properties.SelectMany(p => p.Read(item)).DistinctBy(p => p.Name))
            selected.Properties.Add(property);
        return selected;
    }
}
