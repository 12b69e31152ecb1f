using System.Collections;
using System.Management.Automation;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes a parameter with names found in the files that are already named on the line.</summary>
public abstract class FileContentCompleter : NameCompleter
{
    private static readonly string[] PathParameters = ["Path", "LiteralPath"];

    /// <summary>The names in one file.</summary>
    /// <exception cref="EngineException">The file cannot be read; it then completes nothing.</exception>
    protected abstract IEnumerable<string> NamesIn(string path);

    /// <inheritdoc/>
    protected sealed override IEnumerable<string> Names(IDictionary parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var values = PathParameters.Select(name => parameters[name]).Select(value => value is PSObject wrapped ? wrapped.BaseObject : value);
        var paths = values.SelectMany(value => value is IEnumerable list and not string ? list.Cast<object>() : value is null ? [] : [value]);
        return paths.SelectMany(path => Read($"{path}")).Distinct();
    }

    private IEnumerable<string> Read(string path)
    {
        try
        {
            return [.. FileSystemPaths.Resolve(FileSystemPaths.CurrentSession, path).SelectMany(NamesIn)];
        }
        catch (Exception e) when (e is EngineException or RuntimeException or PSArgumentException)
        {
            return [];
        }
    }
}
