using System.Management.Automation;

namespace LoraPS.Cmdlets.Common;

/// <summary>Where a command's records go: to the pipeline, or into a job.</summary>
internal interface IRecordWriter
{
    /// <summary>Writes a result.</summary>
    void WriteObject(object sendToPipeline);

    /// <summary>Writes a warning.</summary>
    void WriteWarning(string text);

    /// <summary>Writes a detail.</summary>
    void WriteVerbose(string text);

    /// <summary>Writes how far the work is.</summary>
    void WriteProgress(ProgressRecord progressRecord);
}
