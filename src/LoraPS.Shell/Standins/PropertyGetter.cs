using System.Collections;
using System.Management.Automation;

namespace LoraPS.Shell.Standins;

/// <summary>A property as -Property names it: a name with wildcards, a script block, or @{ Name = …; Expression = … }.</summary>
/// <param name="Name">Name of the result, or the pattern of names.</param>
/// <param name="Expression">Computes the value from <c>$_</c>; null to read the property itself.</param>
internal sealed record PropertyGetter(string Name, ScriptBlock? Expression)
{
    /// <summary>Reads one argument of -Property.</summary>
    public static PropertyGetter From(object argument) => Unwrap(argument) switch
    {
        ScriptBlock block => new(block.ToString().Trim(), block),
        IDictionary table => FromTable(table),
        var name => new(LanguagePrimitives.ConvertTo<string>(name), null),
    };

    /// <summary>The value for an object, or null where it has no such property.</summary>
    public object? Value(PSObject target) => Expression is null ? target.Properties[Name]?.Value : Evaluate(target);

    /// <summary>The name and value of each property meant.</summary>
    public IEnumerable<PSNoteProperty> Read(PSObject target)
    {
        if (Expression is not null)
            return [new PSNoteProperty(Name, Evaluate(target))];
        var found = target.Properties.Match(Name);
        return found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(Name)
            ? [new PSNoteProperty(Name, null)]
            : found.Select(p => new PSNoteProperty(p.Name, p.Value));
    }

    private static PropertyGetter FromTable(IDictionary table)
    {
        object? Entry(params string[] names) =>
            table.Keys.Cast<object>().Where(k => Array.Exists(names, n => n.StartsWith($"{k}", StringComparison.OrdinalIgnoreCase))).Select(k => table[k]).FirstOrDefault();

        var expression = Unwrap(Entry("Expression"));
        return new($"{Entry("Name", "Label")}", expression as ScriptBlock ?? ScriptBlock.Create($"$_.'{expression}'"));
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private object? Evaluate(PSObject target)
    {
        var results = Expression!.InvokeWithContext(null, [new PSVariable("_", target)]);
        return results.Count switch { 0 => null, 1 => results[0], _ => results };
    }
}
