using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Inspection;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Measures LoRA files: how strong they are and where, how many directions they use, which modules do nothing.</summary>
/// <remarks>Writes one measurement a file, with its Blocks and Modules; with -Module the modules themselves.</remarks>
/// <example>
/// <para>Measures how strong a LoRA is.</para>
/// <code>Measure-Lora ./cat.safetensors</code>
/// </example>
/// <example>
/// <para>Finds the five strongest modules.</para>
/// <code>
/// Measure-Lora ./cat.safetensors -Module * |
///     Sort-Object Norm -Descending |
///     Select-Object -First 5
/// </code>
/// </example>
[Cmdlet(VerbsDiagnostic.Measure, "Lora", DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraMeasurement))]
[OutputType(typeof(ModuleMeasurement))]
public sealed class MeasureLoraCommand : FilePathCmdlet
{
    /// <summary>Names of modules; wildcards are allowed.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Module { get; set; }

    /// <inheritdoc/>
    protected override void ProcessFile(string path)
    {
        var measured = RunOnWorker((events, stop) => LoraMeasure.Measure(path, events, stop));
        if (Module is null)
        {
            WriteObject(measured);
            return;
        }

        var patterns = Module.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToList();
        WriteObject(measured.Modules.Where(module => patterns.Exists(pattern => pattern.IsMatch(module.Name))), enumerateCollection: true);
    }
}
