using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Inspection;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Tells whether LoRA files are sound, and whether they fit a model: true or false, or with -Detailed everything that was found.</summary>
/// <remarks>Checked are structure, ranks, NaN and infinite numbers, hashes and metadata. Without -Detailed the findings are verbose messages.</remarks>
/// <example>
/// <para>Lists the files of a folder that are damaged.</para>
/// <code>Get-ChildItem ./*.safetensors | Where-Object { -not ($_ | Test-Lora) }</code>
/// </example>
/// <example>
/// <para>Tells in detail whether a LoRA fits a model.</para>
/// <code>Test-Lora ./cat.safetensors -Model ./sd15.safetensors -Detailed</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "Lora", DefaultParameterSetName = PathSet)]
[OutputType(typeof(bool))]
[OutputType(typeof(LoraCheckResult))]
public sealed class TestLoraCommand : FilePathCmdlet
{
    /// <summary>A model that the LoRAs must fit: a .safetensors checkpoint or a diffusers folder.</summary>
    [Parameter]
    [Alias("sd_model", "pretrained_model_name_or_path", "SdModel", "PretrainedModelNameOrPath")]
    [ValidateNotNullOrEmpty]
    public string? Model { get; set; }

    /// <summary>Writes what was found instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessFile(string path)
    {
        var model = Model is null ? null : ResolveLiteralPath(Model);
        var result = RunOnWorker((events, stop) => LoraCheck.Check(path, model, events, stop));
        if (Detailed)
        {
            WriteObject(result);
            return;
        }

        foreach (var problem in result.Problems)
            WriteVerbose($"{result.Path}: {problem.Kind}: {problem.Message}");
        WriteObject(result.IsSound);
    }
}
