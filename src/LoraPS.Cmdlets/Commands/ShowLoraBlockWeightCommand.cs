using System.Globalization;
using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Draws how strongly LoRAs count in each block they change, or with -Norm how much they change there: one line of text a block.</summary>
/// <remarks>
/// The longest bar belongs to the largest number of the LoRA; a bar with a minus before it stands for a negative one. For numbers
/// to go on with, see Get-LoraBlockWeight and Measure-Lora.
/// </remarks>
/// <example>
/// <para>Draws the weights that a preset gives.</para>
/// <code>Set-LoraBlockWeight ./cat.safetensors -Preset MIDD | Show-LoraBlockWeight</code>
/// </example>
/// <example>
/// <para>Draws in which blocks a LoRA changes most.</para>
/// <code>Show-LoraBlockWeight ./cat.safetensors -Norm</code>
/// </example>
[Cmdlet(VerbsCommon.Show, "LoraBlockWeight", DefaultParameterSetName = LoraSet)]
[OutputType(typeof(string))]
public sealed class ShowLoraBlockWeightCommand : LoraReadingCmdlet
{
    private const int LongestBar = 60;
    private const string NoBlock = "other";

    /// <summary>Draws the Frobenius norm of the change in each block, times the block's weight, instead of the weight alone.</summary>
    [Parameter]
    public SwitchParameter Norm { get; set; }

    /// <inheritdoc/>
    protected override IEnumerable<object> Tell(LoraSource source)
    {
        var weights = LoraBlock.Of(source);
        var blocks = Norm ? WithNorms(source, weights) : [.. weights.Select(block => (block.Block, Value: block.Weight))];
        var largest = blocks.Max(block => Math.Abs(block.Value));
        return [$"{source.Name}: {(Norm ? "norm of the change, times the weight" : "weight")}", .. blocks.Select(block => Line(block.Block, block.Value, largest))];
    }

    private List<(UNetBlock? Block, double Value)> WithNorms(LoraSource source, IReadOnlyList<LoraBlock> weights)
    {
        var measured = RunOnWorker((events, stop) => LoraMeasure.Measure(source.Path, events, stop));
        return [.. measured.Blocks.Zip(weights, (block, weight) => (block.Block, block.Norm * weight.Weight))];
    }

    private static string Line(UNetBlock? block, double value, double largest) => string.Create(
        CultureInfo.CurrentCulture,
        $"{block?.ToString() ?? NoBlock,-5} {value,9:0.####} {DisplayText.Bar(largest == 0 ? 0 : value / largest, LongestBar)}").TrimEnd();
}
